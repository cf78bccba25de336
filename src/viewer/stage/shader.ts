/**
 * One kind of program for every data type and any number of channels.
 *
 * luma.gl validates a program right after linking, while all samplers still point at texture unit 0: two *types* of sampler
 * in one program make the layer draw nothing. So everything is `usampler2DArray`: textures hold raw words and the shader
 * turns bits into numbers, which also saves a cast on the CPU and makes 16-bit floats and 64-bit integers free.
 */

/** How a texel's words are read. */
export const KIND = {
  unsigned: 0,
  int8: 1,
  int16: 2,
  int32: 3,
  float16: 4,
  float32: 5,
  uint64: 6,
  int64: 7,
  float64: 8
} as const;

/** States of a mask cell, one per chunk inside a tile; the channel index stands above them. */
export const CELL = { present: 0, absent: 1, damaged: 2 } as const;

/** The channel index of a mask texel starts at this bit. */
export const CHANNEL_SHIFT = 8;

export const VERTEX = /* glsl */ `#version 300 es
#define SHADER_NAME bioimage-plane-vertex
in vec3 positions;
in vec3 positions64Low;
in vec2 texCoords;
out vec2 uv;
void main(void) {
  geometry.worldPosition = positions;
  uv = texCoords;
  gl_Position = project_position_to_clipspace(positions, positions64Low, vec3(0.0), geometry.position);
}
`;

const PRELUDE = /* glsl */ `#version 300 es
#define SHADER_NAME bioimage-plane-fragment
precision highp float;
precision highp int;
precision highp usampler2DArray;
uniform usampler2DArray pixels; // one layer per loaded channel, raw words
uniform usampler2DArray mask;   // same layers, one texel per chunk: state | channel << 8
uniform usampler2DArray table;  // per channel: (r, g, b, visible), (minimum, 1 / (maximum - minimum), gamma)
in vec2 uv;
out vec4 color;

// mid greys: readable on a light and on a dark page, and unlike anything an image is made of
vec4 absentHatch() {
  float stripe = step(0.5, fract((gl_FragCoord.x + gl_FragCoord.y) / 12.0));
  return vec4(vec3(mix(0.42, 0.55, stripe)), 1.0);
}
vec4 damagedHatch() {
  vec2 cell = step(vec2(0.72), fract(vec2(gl_FragCoord.x + gl_FragCoord.y, gl_FragCoord.x - gl_FragCoord.y) / 16.0));
  return mix(vec4(0.25, 0.16, 0.16, 1.0), vec4(0.86, 0.35, 0.29, 1.0), max(cell.x, cell.y));
}
ivec3 texelAt(int slot) {
  ivec2 size = textureSize(pixels, 0).xy;
  return ivec3(min(ivec2(uv * vec2(size)), size - 1), slot);
}
uint cellAt(int slot) {
  ivec2 cells = textureSize(mask, 0).xy;
  return texelFetch(mask, ivec3(min(ivec2(uv * vec2(cells)), cells - 1), slot), 0).r;
}
`;

/** One value from its texel, for each kind. A program knows one kind: branches cost time where there is no graphics card. */
const NUMBER: readonly string[] = [
  'return float(t.r);',
  'return float(int(t.r << 24) >> 24);',
  'return float(int(t.r << 16) >> 16);',
  'return float(int(t.r));',
  'return unpackHalf2x16(t.r).x;',
  'return uintBitsToFloat(t.r);',
  'return wide(t.r, t.g);',
  `if ((t.g & 0x80000000u) == 0u) return wide(t.r, t.g);
  return -wide(~t.r + 1u, ~t.g + (t.r == 0u ? 1u : 0u));`,
  `int power = int((t.g >> 20) & 0x7ffu) - 1023;
  if (power < -126) return 0.0; // below the range of a 32-bit float
  float part = 1.0 + float(t.g & 0xfffffu) / 1048576.0 + float(t.r) / 4503599627370496.0;
  float size = power > 127 ? uintBitsToFloat(0x7f800000u) : part * exp2(float(power));
  return (t.g & 0x80000000u) == 0u ? size : -size;`
];

/** Whether a texel is no number, for the kinds that have such; by bits, because isnan() may be optimised away. */
const NOT_NUMBER: Partial<Record<number, string>> = {
  [KIND.float16]: '(t.r & 0x7fffu) > 0x7c00u',
  [KIND.float32]: '(t.r & 0x7fffffffu) > 0x7f800000u',
  [KIND.float64]: '(t.g & 0x7fffffffu) > 0x7ff00000u || ((t.g & 0x7fffffffu) == 0x7ff00000u && t.r != 0u)'
};

/**
 * Channels added up, each stretched from its minimum to its maximum and tinted; a NaN adds nothing, and alone is transparent.
 *
 * @param kind one of `KIND`
 */
export function intensityShader(kind: number): string {
  return `${PRELUDE}
float wide(uint low, uint high) { return float(high) * 4294967296.0 + float(low); }
float number(uvec4 t) {
  ${NUMBER[kind]}
}
bool notNumber(uvec4 t) {
  return ${NOT_NUMBER[kind] ?? 'false'};
}
void main(void) {
  vec3 sum = vec3(0.0);
  bool any = false, absent = false, nan = false;
  int slots = textureSize(pixels, 0).z;
  for (int slot = 0; slot < slots; slot++) {
    uint cell = cellAt(slot);
    int channel = int(cell >> 8);
    vec4 tint = uintBitsToFloat(texelFetch(table, ivec3(channel, 0, 0), 0));
    if (tint.a == 0.0) continue;
    uint state = cell & 3u;
    if (state == 2u) { color = damagedHatch(); return; }
    if (state == 1u) { absent = true; continue; }
    uvec4 texel = texelFetch(pixels, texelAt(slot), 0);
    if (notNumber(texel)) { nan = true; continue; }
    any = true;
    vec4 ramp = uintBitsToFloat(texelFetch(table, ivec3(channel, 1, 0), 0));
    float part = clamp((number(texel) - ramp.r) * ramp.g, 0.0, 1.0);
    sum += tint.rgb * (ramp.b == 1.0 ? part : pow(part, ramp.b)); // pow(x, 1.0) need not return x
  }
  if (any) color = vec4(min(sum, 1.0), 1.0);
  else if (absent) color = absentHatch();
  else color = nan ? vec4(0.0) : vec4(0.0, 0.0, 0.0, 1.0);
}
`;
}

/** Label images: a colour per id from an integer hash over all its bits, 0 transparent. */
export const LABELS = `${PRELUDE}
uint mixBits(uint h) { // finaliser of MurmurHash3
  h ^= h >> 16; h *= 0x85ebca6bu; h ^= h >> 13; h *= 0xc2b2ae35u; h ^= h >> 16;
  return h;
}
void main(void) {
  uint cell = cellAt(0), state = cell & 3u;
  vec4 tint = uintBitsToFloat(texelFetch(table, ivec3(int(cell >> 8), 0, 0), 0));
  if (tint.a == 0.0) { color = vec4(0.0, 0.0, 0.0, 1.0); return; }
  if (state == 2u) { color = damagedHatch(); return; }
  if (state == 1u) { color = absentHatch(); return; }
  uvec4 id = texelFetch(pixels, texelAt(0), 0);
  if (id.r == 0u && id.g == 0u) discard;
  uint h = mixBits(id.r ^ mixBits(id.g + 0x9e3779b9u));
  vec3 hue = clamp(abs(mod(float(h & 0xffffu) / 65536.0 * 6.0 + vec3(0.0, 4.0, 2.0), 6.0) - 3.0) - 1.0, 0.0, 1.0);
  float white = float((h >> 16) & 0xffu) / 255.0 * 0.4, bright = 0.65 + float(h >> 24) / 255.0 * 0.35;
  color = vec4(mix(hue, vec3(1.0), white) * bright, 1.0);
}
`;
