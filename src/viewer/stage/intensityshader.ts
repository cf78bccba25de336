import { KIND, PRELUDE } from './shader';

/**
 * Per kind: by how much a texel is above the window's minimum, in units of 2^scale. As exact as the window is, whatever the
 * width of the type: a 32-bit float holds no 64-bit value, but it holds the difference of two that are near each other. So
 * integers are subtracted as words, and floats in parts of 24 bits.
 *
 * `base` is the whole part of the minimum as two words, `rest` what it leaves of the minimum: for integers its fraction,
 * else its three parts. A program knows one kind: branches cost time where there is no graphics card.
 */
const ABOVE: Readonly<Record<number, string>> = {
  [KIND.unsigned]: 'return (float(t.r) - rest.x) - rest.y;',
  [KIND.int8]: 'return (float(int(t.r << 24) >> 24) - rest.x) - rest.y;',
  [KIND.int16]: 'return (float(int(t.r << 16) >> 16) - rest.x) - rest.y;',
  [KIND.uint32]: 'return (t.r >= base.x ? float(t.r - base.x) : -float(base.x - t.r)) - rest.x;',
  [KIND.int32]: 'return (int(t.r) >= int(base.x) ? float(t.r - base.x) : -float(base.x - t.r)) - rest.x;',
  [KIND.uint64]: 'return difference(t.rg, base, t.g < base.y || (t.g == base.y && t.r < base.x)) - rest.x;',
  [KIND.int64]: 'return difference(t.rg, base, int(t.g) < int(base.y) || (t.g == base.y && t.r < base.x)) - rest.x;',
  [KIND.float16]: 'return inParts(vec3(unpackHalf2x16(t.r).x * pow2(-scale), 0.0, 0.0), 0u, rest);',
  [KIND.float32]: `int power = int((t.r >> 23) & 0xffu);
  if (power == 255) return infinite(t.r);
  float high = float((t.r & 0x7fffffu) | (power == 0 ? 0u : 0x800000u)) * pow2(max(power, 1) - 150 - scale);
  return inParts(vec3(high, 0.0, 0.0), t.r, rest);`,
  [KIND.float64]: `int power = int((t.g >> 20) & 0x7ffu);
  if (power == 2047) return infinite(t.g);
  uint high = ((t.g & 0xfffffu) << 3) | (t.r >> 29) | (power == 0 ? 0u : 0x800000u);
  power = max(power, 1) - 1023 - scale;
  vec3 parts = vec3(float(high) * pow2(power - 23), float((t.r >> 5) & 0xffffffu) * pow2(power - 47), float(t.r & 31u) * pow2(power - 52));
  return inParts(parts, t.g, rest);`
};

/** Whether a texel is no number, for the kinds that have such; by bits, because isnan() may be optimised away. */
const NOT_NUMBER: Partial<Record<number, string>> = {
  [KIND.float16]: '(t.r & 0x7fffu) > 0x7c00u',
  [KIND.float32]: '(t.r & 0x7fffffffu) > 0x7f800000u',
  [KIND.float64]: '(t.g & 0x7fffffffu) > 0x7ff00000u || ((t.g & 0x7fffffffu) == 0x7ff00000u && t.r != 0u)'
};

/**
 * Channels added up, each stretched from its minimum to its maximum and tinted; a NaN adds nothing, and alone is transparent.
 * Where some channels have no data, thin lines say so over the others; where none has, there is nothing but lines.
 *
 * @param kind one of `KIND`
 */
export function intensityShader(kind: number): string {
  return `${PRELUDE}
float difference(uvec2 a, uvec2 b, bool less) {
  uvec2 most = less ? b : a, least = less ? a : b;
  uint low = most.x - least.x, high = most.y - least.y - (most.x < least.x ? 1u : 0u);
  float size = float(high) * 4294967296.0 + float(low);
  return less ? -size : size;
}
float inParts(vec3 value, uint sign, vec3 rest) {
  vec3 d = ((sign & 0x80000000u) == 0u ? value : -value) - rest;
  return (d.x + d.y) + d.z;
}
float infinite(uint sign) { return (sign & 0x80000000u) == 0u ? 3e38 : -3e38; }
float above(uvec4 t, uvec2 base, vec3 rest, int scale) {
  ${ABOVE[kind]}
}
bool notNumber(uvec4 t) {
  return ${NOT_NUMBER[kind] ?? 'false'};
}
void main(void) {
  vec3 sum = vec3(0.0);
  float alpha = 1.0;
  bool any = false, absent = false, nan = false;
  int slots = textureSize(pixels, 0).z;
  for (int slot = 0; slot < slots; slot++) {
    uint cell = cellAt(uv, slot);
    int channel = int(cell >> 8);
    vec4 tint = uintBitsToFloat(texelFetch(table, ivec3(channel, 0, 0), 0));
    if (tint.a == 0.0) continue;
    uint state = cell & 3u;
    if (state == 2u) { color = damagedHatch(); return; }
    if (state == 1u) { absent = true; continue; }
    uvec4 texel = texelFetch(pixels, texelAt(uv, slot), 0);
    if (notNumber(texel)) { nan = true; continue; }
    uvec4 ramp = texelFetch(table, ivec3(channel, 1, 0), 0), start = texelFetch(table, ivec3(channel, 2, 0), 0);
    float part = clamp(above(texel, start.xy, uintBitsToFloat(uvec3(ramp.x, start.zw)), int(ramp.w)) * uintBitsToFloat(ramp.y), 0.0, 1.0);
    float gamma = uintBitsToFloat(ramp.z);
    if (gamma != 1.0) part = pow(part, gamma); // pow(x, 1.0) need not return x
    if (tint.a == 2.0) { alpha = part; continue; }
    any = true;
    sum += tint.rgb * part;
  }
  if (any) color = vec4(min(sum, 1.0) * alpha, alpha);
  else if (absent) color = absentHatch();
  else color = nan ? vec4(0.0) : vec4(0.0, 0.0, 0.0, 1.0);
  if (any && absent && fract((gl_FragCoord.x + gl_FragCoord.y) / 12.0) < 0.17) color = mix(color, vec4(vec3(0.55), 1.0), 0.7);
}
`;
}
