import { KIND, PRELUDE } from './shader';

/** Per kind: the id of a texel as two words, low first, the sign carried into the high one. */
const ID: Readonly<Record<number, string>> = {
  [KIND.unsigned]: 'return uvec2(t.r, 0u);',
  [KIND.uint32]: 'return uvec2(t.r, 0u);',
  [KIND.int8]: 'return widened(int(t.r << 24) >> 24);',
  [KIND.int16]: 'return widened(int(t.r << 16) >> 16);',
  [KIND.int32]: 'return widened(int(t.r));',
  [KIND.uint64]: 'return t.rg;',
  [KIND.int64]: 'return t.rg;',
  // floats are no ids, but some writers use them: whole numbers count as the integers they are
  [KIND.float16]: 'return widened(int(unpackHalf2x16(t.r).x));',
  [KIND.float32]: `float v = uintBitsToFloat(t.r);
  return abs(v) < 2147483648.0 ? widened(int(v)) : uvec2(t.r, 1u);`,
  [KIND.float64]: `int power = int((t.g >> 20) & 0x7ffu) - 1023;
  if (power < 0) return uvec2(0u);
  if (power > 52) return t.rg;
  uint high = (t.g & 0xfffffu) | 0x100000u;
  int by = 52 - power;
  uvec2 size = by == 0 ? uvec2(t.r, high) : by < 32 ? uvec2((t.r >> by) | (high << (32 - by)), high >> by) : uvec2(high >> (by - 32), 0u);
  return (t.g & 0x80000000u) == 0u ? size : uvec2(~size.x + 1u, ~size.y + (size.x == 0u ? 1u : 0u));`
};

/**
 * A label image: a colour per id, from the metadata or from an integer hash over all its bits; 0 is transparent unless it has
 * a colour. Where the ids are drawn over an image, what is not there is transparent too; alone it is hatched.
 *
 * @param kind one of `KIND`
 */
export function labelShader(kind: number): string {
  return `${PRELUDE}
uniform usampler2DArray colors; // open addressing: (low, high, colour as 0xAABBGGRR, 1 where used)
uint mixBits(uint h) { // finaliser of MurmurHash3
  h ^= h >> 16; h *= 0x85ebca6bu; h ^= h >> 13; h *= 0xc2b2ae35u; h ^= h >> 16;
  return h;
}
uvec2 widened(int v) { return uvec2(uint(v), v < 0 ? 0xffffffffu : 0u); }
uvec2 idOf(uvec4 t) {
  ${ID[kind]}
}
bool other(vec2 at, uvec2 id) { return (cellAt(at, 0) & 3u) == 0u && idOf(texelFetch(pixels, texelAt(at, 0), 0)) != id; }
bool border(vec2 by, uvec2 id) { // two screen pixels wide, on this side of it
  return other(uv + by, id) || other(uv - by, id) || other(uv + 2.0 * by, id) || other(uv - 2.0 * by, id);
}
bool known(uvec2 id, uint h, out vec4 tint) {
  ivec2 size = textureSize(colors, 0).xy;
  uint count = uint(size.x * size.y);
  for (uint i = 0u; i < count; i++) {
    uint at = (h + i) & (count - 1u);
    uvec4 entry = texelFetch(colors, ivec3(int(at % uint(size.x)), int(at / uint(size.x)), 0), 0);
    if (entry.a == 0u) return false;
    if (entry.rg == id) {
      tint = vec4(uvec4(entry.b, entry.b >> 8, entry.b >> 16, entry.b >> 24) & 0xffu) / 255.0;
      return true;
    }
  }
  return false;
}
vec4 hashed(uint h) {
  vec3 hue = clamp(abs(mod(float(h & 0xffffu) / 65536.0 * 6.0 + vec3(0.0, 4.0, 2.0), 6.0) - 3.0) - 1.0, 0.0, 1.0);
  float white = float((h >> 16) & 0xffu) / 255.0 * 0.4, bright = 0.65 + float(h >> 24) / 255.0 * 0.35;
  return vec4(mix(hue, vec3(1.0), white) * bright, 1.0);
}
void main(void) {
  vec2 right = dFdx(uv), down = dFdy(uv); // one screen pixel
  uvec4 look = texelFetch(table, ivec3(0, 0, 0), 0); // opacity, outline, isolated, alone
  uint state = cellAt(uv, 0) & 3u;
  float opacity = uintBitsToFloat(look.r);
  if (opacity == 0.0) discard;
  if (state == 2u) { color = vec4(damagedHatch().rgb * opacity, opacity); return; }
  if (state == 1u) {
    if (look.a == 0u) discard;
    color = absentHatch();
    return;
  }
  uvec2 id = idOf(texelFetch(pixels, texelAt(uv, 0), 0));
  if (look.b != 0u && id != texelFetch(table, ivec3(0, 1, 0), 0).rg) discard;
  uint h = mixBits(id.x ^ mixBits(id.y + 0x9e3779b9u));
  vec4 tint;
  if (!known(id, h, tint)) {
    if (id == uvec2(0u)) discard;
    tint = hashed(h);
  }
  if (look.g != 0u && !border(right, id) && !border(down, id)) discard;
  float alpha = (look.g != 0u && tint.a > 0.0 ? 1.0 : tint.a) * opacity;
  color = vec4(tint.rgb * alpha, alpha);
}
`;
}
