import { curveOf } from '../appearance/adjustments.js';
import { DARKEST, separation } from '../appearance/stains.js';

/** @typedef {import('../appearance/adjustments.js').Adjustments} Adjustments */
/** @typedef {{canvas: HTMLCanvasElement, apply: (source: HTMLCanvasElement, adjustments: Adjustments) => void}} Filter */

const VERTEX = `
attribute vec2 corner;
varying vec2 at;
void main() {
  at = corner * 0.5 + 0.5;
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

const FRAGMENT = `
precision highp float;
varying vec2 at;
uniform sampler2D picture;
uniform float slope, offset, exponent;
uniform bool separate;
uniform vec3 unmix, absorbs, primaries;
void main() {
  vec4 pixel = texture2D(picture, at);
  vec3 rgb = pixel.rgb;
  if (separate) {
    float amount = max(0.0, dot(unmix, -log(max(rgb, vec3(${DARKEST.toFixed(8)})))));
    rgb = exp(-amount * absorbs);
  }
  rgb = pow(clamp(slope * rgb + offset, 0.0, 1.0), vec3(exponent)) * primaries;
  gl_FragColor = vec4(rgb * pixel.a, pixel.a);
}`;

/**
 * Adjusts a drawn picture on the graphics processor.
 * @param {() => void} onLost the graphics processor was taken away
 * @returns {Filter | null} null where there is no WebGL
 */
export function createGpuFilter(onLost) {
  const canvas = document.createElement('canvas');
  // The comparison copies the picture at its own time.
  const gl = canvas.getContext('webgl', { premultipliedAlpha: true, antialias: false, depth: false, preserveDrawingBuffer: true });
  const program = gl && link(gl);
  if (!gl || !program) return null;
  canvas.addEventListener('webglcontextlost', onLost, { once: true });
  gl.useProgram(program);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
  gl.enableVertexAttribArray(gl.getAttribLocation(program, 'corner'));
  gl.vertexAttribPointer(gl.getAttribLocation(program, 'corner'), 2, gl.FLOAT, false, 0, 0);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  for (const [name, value] of [
    [gl.TEXTURE_MIN_FILTER, gl.NEAREST], [gl.TEXTURE_MAG_FILTER, gl.NEAREST],
    [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE], [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
  ]) gl.texParameteri(gl.TEXTURE_2D, name, value);
  gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, true);
  /** @param {string} name */
  const uniform = (name) => gl.getUniformLocation(program, name);
  const places = {
    slope: uniform('slope'), offset: uniform('offset'), exponent: uniform('exponent'), separate: uniform('separate'),
    unmix: uniform('unmix'), absorbs: uniform('absorbs'), primaries: uniform('primaries'),
  };

  return {
    canvas,
    apply(source, adjustments) {
      if (canvas.width !== source.width || canvas.height !== source.height) {
        [canvas.width, canvas.height] = [source.width, source.height];
        gl.viewport(0, 0, canvas.width, canvas.height);
      }
      const { slope, offset, exponent } = curveOf(adjustments);
      gl.uniform1f(places.slope, slope);
      gl.uniform1f(places.offset, offset);
      gl.uniform1f(places.exponent, exponent);
      gl.uniform3fv(places.primaries, adjustments.primaries.map(Number));
      gl.uniform1i(places.separate, Number(adjustments.stain !== 'all'));
      if (adjustments.stain !== 'all') {
        const { unmix, absorbs } = separation(adjustments.stain);
        gl.uniform3fv(places.unmix, unmix);
        gl.uniform3fv(places.absorbs, absorbs);
      }
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, source);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    },
  };
}

/** @param {WebGLRenderingContext} gl @returns {WebGLProgram | null} */
function link(gl) {
  const program = gl.createProgram();
  for (const [kind, code] of /** @type {const} */ ([[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]])) {
    const shader = gl.createShader(kind);
    if (!shader) return null;
    gl.shaderSource(shader, code);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}
