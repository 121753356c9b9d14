/** Enough of WebGL 2 to count what is sent to it; draws nothing. */
function fakeGl(flaws) {
  const calls = { textures: 0, uploads: 0, bytes: 0, drawn: 0, instances: 0 };
  const own = {
    texStorage2D: () => void (calls.textures += 1),
    texSubImage2D: () => void (calls.uploads += 1),
    bufferSubData: (_target, _offset, data) => void (calls.bytes += data.byteLength),
    bufferData: (_target, data) => void (calls.bytes += data.byteLength),
    drawArraysInstanced: (_mode, _first, _count, instances) => {
      calls.drawn += 1;
      calls.instances += instances;
    },
    isContextLost: () => false,
    getProgramParameter: () => true,
    getAttachedShaders: () => [],
    getProgramInfoLog: () => 'no memory',
    ...flaws,
  };
  const gl = new Proxy(own, { get: (target, name) => target[name] ?? (/^[A-Z_0-9]+$/.test(String(name)) ? name : () => ({})) });
  return { gl: /** @type {any} */ (gl), calls };
}

/** A canvas whose WebGL context is the fake, and can be lost. @param {object} [flaws] functions that answer otherwise */
export function fakeCanvas(flaws = {}) {
  const { gl, calls } = fakeGl(flaws);
  const canvas = Object.assign(new EventTarget(), { width: 100, height: 80, getContext: () => gl });
  return { canvas: /** @type {any} */ (canvas), calls };
}
