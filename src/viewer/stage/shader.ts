/**
 * What the programs for intensities and for labels share: one kind of program for every data type.
 *
 * luma.gl validates a program right after linking, while all samplers still point at texture unit 0: two *types* of sampler
 * in one program make the layer draw nothing. So everything is `usampler2DArray`: textures hold raw words and the shader
 * turns bits into numbers, which also saves a cast on the CPU and makes 16-bit floats and 64-bit integers free.
 */

/** How a texel's words are read. */
export const KIND = {
  /** 8 and 16 bits, and booleans. */
  unsigned: 0,
  int8: 1,
  int16: 2,
  int32: 3,
  float16: 4,
  float32: 5,
  uint64: 6,
  int64: 7,
  float64: 8,
  uint32: 9
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

export const PRELUDE = /* glsl */ `#version 300 es
#define SHADER_NAME bioimage-plane-fragment
precision highp float;
precision highp int;
precision highp usampler2DArray;
uniform usampler2DArray pixels; // one layer per loaded channel, raw words
uniform usampler2DArray mask;   // same layers, one texel per chunk: state | channel << 8
uniform usampler2DArray table;  // how it is drawn, see table.ts and labeltable.ts
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
ivec3 texelAt(vec2 at, int slot) {
  ivec2 size = textureSize(pixels, 0).xy;
  return ivec3(clamp(ivec2(floor(at * vec2(size))), ivec2(0), size - 1), slot);
}
uint cellAt(vec2 at, int slot) {
  ivec2 cells = textureSize(mask, 0).xy;
  return texelFetch(mask, ivec3(clamp(ivec2(floor(at * vec2(cells))), ivec2(0), cells - 1), slot), 0).r;
}
// exact, which exp2() need not be; 0 below the range of a 32-bit float
float pow2(int power) {
  return power < -126 ? 0.0 : uintBitsToFloat(uint(min(power, 127) + 127) << 23);
}
`;
