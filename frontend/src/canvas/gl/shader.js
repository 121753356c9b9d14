import { MARGIN } from '../../geometry/distance.js';
import { FAR_STEPS, NEAR_STEPS, ZERO } from './distance_cells.js';

/** A number as the shading language writes it. @param {number} value */
const float = (value) => (Number.isInteger(value) ? `${value}.0` : `${value}`);

/** One quad for each part of a mask, as large as its box and the outline around it. */
const VERTEX = `#version 300 es
precision highp float;
precision highp int;
layout(location = 0) in ivec2 corner;  // of the part, image pixels
layout(location = 1) in uvec4 cell;    // its width and height; where its distances lie on the page
layout(location = 2) in vec4 color;
layout(location = 3) in uvec4 flags;   // edges, shown
uniform ivec2 origin;   // an image pixel near the screen's corner: large coordinates lose precision
uniform vec2 offset;    // where it lies, device pixels
uniform vec2 screen;    // device pixels
uniform float scale;    // device pixels per image pixel
uniform float unit;     // device pixels that a thin line is wide
uniform bool dashed;
out vec2 place;         // in the part, image pixels
flat out vec2 size;
flat out vec2 page;
flat out vec3 tint;
flat out float extent;  // of the part on the screen, in units
void main() {
  size = vec2(cell.xy);
  page = vec2(cell.zw) + ${float(MARGIN)};
  tint = color.rgb;
  extent = max(size.x, size.y) * scale / unit;
  float reach = (dashed || extent < 8.0 ? 0.75 : 1.5) * unit + 1.0;
  uint edges = flags.x;
  vec2 low = vec2((edges & 1u) > 0u ? -reach : 0.0, (edges & 2u) > 0u ? -reach : 0.0) / scale;
  vec2 high = vec2((edges & 4u) > 0u ? reach : 0.0, (edges & 8u) > 0u ? reach : 0.0) / scale;
  place = mix(low, size + high, vec2(gl_VertexID & 1, gl_VertexID >> 1));
  vec2 at = (vec2(corner - origin) + place) * scale + offset;
  gl_Position = flags.y > 0u ? vec4(at.x / screen.x * 2.0 - 1.0, 1.0 - at.y / screen.y * 2.0, 0, 1) : vec4(2, 2, 2, 1);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
uniform sampler2D distances;
uniform float scale;
uniform float unit;
uniform float fill;    // opacity
uniform float line;    // opacity
uniform bool exact;    // along pixel edges
uniform bool dashed;
in vec2 place;
flat in vec2 size;
flat in vec2 page;
flat in vec3 tint;
flat in float extent;
out vec4 result;

// In image pixels from the border, positive inside; between pixels interpolated.
float smoothly(vec2 at) {
  vec2 within = clamp(at, vec2(${float(0.5 - MARGIN)}), size + ${float(MARGIN - 0.5)});
  float steps = texture(distances, (page + within) / vec2(textureSize(distances, 0))).r * 255.0 - ${float(ZERO)};
  float far = abs(steps);
  float known = far <= ${float(NEAR_STEPS)} ? far / ${float(NEAR_STEPS)} : 1.0 + (far - ${float(NEAR_STEPS)}) / ${float(FAR_STEPS)};
  return (steps < 0.0 ? -known : known) - length(at - within);
}

bool inside(ivec2 pixel) {
  ivec2 within = clamp(pixel, ivec2(${-MARGIN}), ivec2(size) + ${MARGIN - 1});
  return texelFetch(distances, ivec2(page) + within, 0).r * 255.0 > ${float(ZERO)};
}

// The same along the edges of pixels, up to one pixel away.
float exactly(vec2 at) {
  ivec2 pixel = ivec2(floor(at));
  vec2 in_pixel = at - vec2(pixel);
  bool own = inside(pixel);
  float least = 1.0;
  for (int j = -1; j <= 1; j++) {
    for (int i = -1; i <= 1; i++) {
      if (inside(pixel + ivec2(i, j)) == own) continue;
      vec2 to = vec2(
        i == 0 ? 0.0 : i < 0 ? in_pixel.x : 1.0 - in_pixel.x,
        j == 0 ? 0.0 : j < 0 ? in_pixel.y : 1.0 - in_pixel.y);
      least = min(least, length(to));
    }
  }
  return own ? least : -least;
}

vec4 over(vec4 below, vec3 color, float alpha) {
  return vec4(color * alpha, alpha) + below * (1.0 - alpha);
}

float band(float away, float half_width) {
  return clamp(half_width + 0.5 - abs(away), 0.0, 1.0);
}

// Dashes of four units and gaps of three, counted around the middle.
float dash() {
  vec2 from = place - size / 2.0;
  float count = max(4.0, round(1.5708 * (size.x + size.y) * scale / unit / 7.0));
  float turn = atan(from.y, from.x) * 0.159155 * count;
  float soft = 0.16 / unit;
  float at = fract(turn);
  return smoothstep(-soft, soft, 0.57 - at) * smoothstep(-soft, soft, at) + smoothstep(1.0 - soft, 1.0, at);
}

void main() {
  float away;
  if (exact) away = exactly(place) * scale;
  else {
    float distance = smoothly(place);
    // Near the border of a coarse mask the distances rise faster than the way: that thins lines.
    float slope = length(vec2(dFdx(distance), dFdy(distance))) * scale;
    away = distance * scale / mix(1.0, max(slope, 0.5), smoothstep(1.0, 2.0, scale));
  }
  vec4 color = vec4(0);
  if (dashed) {
    bool small = extent < 24.0;
    float shade = band(away, (small ? 1.0 : 0.625) * unit);
    if (shade == 0.0) discard;  // nearly all of it: spares the angle
    color = over(color, vec3(0), 0.5 * shade);
    color = over(color, tint, 0.85 * band(away, (small ? 0.45 : 0.625) * unit) * (small ? 1.0 : dash()));
  } else {
    // Too small for an outline: a dot.
    float opacity = mix(max(fill, line), fill, smoothstep(2.0, 4.0, extent));
    color = over(color, tint, opacity * clamp(away + 0.5, 0.0, 1.0));
    float casing = line * 0.55 * smoothstep(8.0, 24.0, extent);
    color = over(color, vec3(0), casing * band(away, 1.5 * unit));
    color = over(color, tint, line * band(away, 0.75 * unit));
  }
  if (color.a == 0.0) discard;
  result = color;
}`;

/**
 * @param {WebGL2RenderingContext} gl
 * @returns {{program: WebGLProgram, at: Record<string, WebGLUniformLocation | null>}}
 * @throws when the driver cannot compile it
 */
export function createProgram(gl) {
  const program = gl.createProgram();
  for (const [kind, source] of /** @type {const} */ ([[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]])) {
    const shader = /** @type {WebGLShader} */ (gl.createShader(kind));
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    const logs = (gl.getAttachedShaders(program) ?? []).map((shader) => gl.getShaderInfoLog(shader));
    throw new Error(`The masks' shader: ${logs.join(' ')} ${gl.getProgramInfoLog(program)}`);
  }
  const names = ['origin', 'offset', 'screen', 'scale', 'unit', 'fill', 'line', 'exact', 'dashed'];
  return { program, at: Object.fromEntries(names.map((name) => [name, gl.getUniformLocation(program, name)])) };
}
