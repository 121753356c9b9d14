/** @typedef {{color: [number, number, number], shown: boolean}} Look */

/** Bytes a part: where it is (two 32-bit and four 16-bit numbers), and how it looks. */
const PLACE = 16;
const LOOK = 8;
const FIRST_CAPACITY = 256;

/**
 * The quads of one page: kept here as well, and sent to the graphics processor as far as changed,
 * once before they are drawn.
 * @param {WebGL2RenderingContext} gl
 */
export function createInstances(gl) {
  const places = createColumn(gl, PLACE);
  const looks = createColumn(gl, LOOK);
  /** @type {number[]} */
  const free = [];
  let used = 0;

  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, places.buffer);
  gl.vertexAttribIPointer(0, 2, gl.INT, PLACE, 0);
  gl.vertexAttribIPointer(1, 4, gl.UNSIGNED_SHORT, PLACE, 8);
  gl.bindBuffer(gl.ARRAY_BUFFER, looks.buffer);
  gl.vertexAttribPointer(2, 4, gl.UNSIGNED_BYTE, true, LOOK, 0);
  gl.vertexAttribIPointer(3, 4, gl.UNSIGNED_BYTE, LOOK, 4);
  for (let location = 0; location < 4; location++) {
    gl.enableVertexAttribArray(location);
    gl.vertexAttribDivisor(location, 1);
  }
  gl.bindVertexArray(null);

  /** @param {number} slot @param {Look} look */
  function style(slot, { color, shown }) {
    const bytes = looks.write(slot);
    bytes.setUint8(0, color[0]);
    bytes.setUint8(1, color[1]);
    bytes.setUint8(2, color[2]);
    bytes.setUint8(5, shown ? 1 : 0);
  }

  return {
    get bytes() {
      return places.size + looks.size;
    },

    /**
     * @param {import('./distance_cells.js').Cell} cell @param {{u: number, v: number}} at on the page
     * @param {Look} look @returns {number} its slot
     */
    add(cell, at, look) {
      const slot = free.pop() ?? used++;
      const bytes = places.write(slot);
      bytes.setInt32(0, cell.x, true);
      bytes.setInt32(4, cell.y, true);
      [cell.w, cell.h, at.u, at.v].forEach((value, k) => bytes.setUint16(8 + 2 * k, value, true));
      looks.write(slot).setUint8(4, cell.edges);
      style(slot, look);
      return slot;
    },

    style,

    /** @param {number} slot */
    remove(slot) {
      looks.write(slot).setUint8(5, 0);
      free.push(slot);
    },

    draw() {
      if (used === free.length) return;
      places.send();
      looks.send();
      gl.bindVertexArray(array);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, used);
      gl.bindVertexArray(null);
    },
  };
}

/** @param {WebGL2RenderingContext} gl @param {number} stride bytes a row */
function createColumn(gl, stride) {
  const buffer = gl.createBuffer();
  let data = new ArrayBuffer(FIRST_CAPACITY * stride);
  let sent = 0;
  let from = Infinity;
  let to = 0;

  return {
    buffer,
    get size() {
      return data.byteLength;
    },
    /** @param {number} row that will be changed @returns {DataView} */
    write(row) {
      const start = row * stride;
      if (start >= data.byteLength) {
        const larger = new ArrayBuffer(data.byteLength * 2);
        new Uint8Array(larger).set(new Uint8Array(data));
        data = larger;
      }
      from = Math.min(from, start);
      to = Math.max(to, start + stride);
      return new DataView(data, start, stride);
    },
    send() {
      if (from >= to && sent === data.byteLength) return;
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      if (sent === data.byteLength) gl.bufferSubData(gl.ARRAY_BUFFER, from, new Uint8Array(data, from, to - from));
      else gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
      sent = data.byteLength;
      from = Infinity;
      to = 0;
    },
  };
}
