/** Powers of ten of the prefixes that microscopy meets, by name (UDUNITS) and by symbol. */
const PREFIXES: readonly (readonly [name: string, symbol: string, power: number])[] = [
  ['yocto', 'y', -24],
  ['zepto', 'z', -21],
  ['atto', 'a', -18],
  ['femto', 'f', -15],
  ['pico', 'p', -12],
  ['nano', 'n', -9],
  ['micro', 'µ', -6],
  ['milli', 'm', -3],
  ['centi', 'c', -2],
  ['deci', 'd', -1],
  ['', '', 0],
  ['deca', 'da', 1],
  ['hecto', 'h', 2],
  ['kilo', 'k', 3],
  ['mega', 'M', 6],
  ['giga', 'G', 9],
  ['tera', 'T', 12],
  ['peta', 'P', 15],
  ['exa', 'E', 18],
  ['zetta', 'Z', 21],
  ['yotta', 'Y', 24]
];

/** Prefixes a value is moved to; centi and deci are kept where they are given but never chosen. */
const CHOSEN = PREFIXES.filter(([, , power]) => power % 3 === 0);

interface IUnit {
  base: 'm' | 's';
  power: number;
  symbol: string;
}

const UNITS = makeUnits();

/** Units outside the table of prefixes, shown by their symbol and never rescaled. */
const OTHERS = new Map([
  ['angstrom', 'Å'],
  ['inch', 'in'],
  ['foot', 'ft'],
  ['yard', 'yd'],
  ['mile', 'mi'],
  ['parsec', 'pc'],
  ['minute', 'min'],
  ['hour', 'h'],
  ['day', 'd'],
  ['pixel', 'px']
]);

function makeUnits(): Map<string, IUnit> {
  const units = new Map<string, IUnit>();
  for (const [name, symbol, power] of PREFIXES) {
    const length = { base: 'm' as const, power, symbol: `${symbol}m` };
    const time = { base: 's' as const, power, symbol: `${symbol}s` };
    // UDUNITS knows both spellings; symbols are met in older files.
    for (const key of [`${name}meter`, `${name}metre`, length.symbol]) {
      units.set(key, length);
    }
    for (const key of [`${name}second`, time.symbol]) {
      units.set(key, time);
    }
  }
  // The micro sign has a twin among the Greek letters, and an ASCII stand-in.
  for (const [key, unit] of [
    ['um', 'µm'],
    ['μm', 'µm'],
    ['us', 'µs'],
    ['μs', 'µs']
  ]) {
    units.set(key, units.get(unit)!); // both were set above
  }
  return units;
}

/** Three significant digits without an exponent where people write none. */
function digits(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-4)) {
    return value.toExponential(2);
  }
  return String(Number(value.toPrecision(size >= 1000 ? Math.ceil(Math.log10(size) + 1e-9) : 3)));
}

/** A unit from a file, as it can be shown: its symbol where it is known, else its text, cut at 20 characters. */
function symbolOf(unit: string): string {
  return OTHERS.get(unit) ?? UNITS.get(unit)?.symbol ?? unit.slice(0, 20);
}

/**
 * A value with its unit, to three significant digits: `12.3 µm`. `unit` is a name of UDUNITS (`micrometer`) or a symbol;
 * without one the number stands alone. Lengths and times below 0.1 or from 1000 on move to a fitting prefix.
 */
export function formatQuantity(value: number, unit: string | undefined): string {
  if (unit === undefined || unit === '') {
    return digits(value);
  }
  const known = UNITS.get(unit);
  const size = Math.abs(value);
  if (!known || !Number.isFinite(value) || size === 0 || (size >= 0.1 && size < 1000)) {
    return `${digits(value)} ${symbolOf(unit)}`;
  }
  const exponent = Math.log10(size) + known.power;
  // The largest prefix that leaves at least 1; rounding as shown decides, so that 999.9 nm becomes 1 µm.
  const [, symbol, power] = [...CHOSEN].reverse().find(entry => entry[2] <= exponent + 1e-9) ?? CHOSEN[0];
  // Above seconds people count otherwise than in kiloseconds.
  const target = known.base === 's' ? Math.min(power, 0) : power;
  const scaled = value * 10 ** (known.power - target);
  return `${digits(scaled)} ${target === power ? symbol : ''}${known.base}`;
}

/**
 * The longest bar of 1, 2 or 5 times a power of ten that fits into `maxPixels` (screen pixels). `pixelSize` is the
 * physical length of one screen pixel in `unit`. `null` where no honest bar can be drawn: a size that is zero, negative
 * or not finite.
 */
export function scaleBar(
  pixelSize: number,
  unit: string | undefined,
  maxPixels: number
): { pixels: number; label: string } | null {
  const longest = pixelSize * maxPixels;
  if (!(pixelSize > 0) || !(maxPixels > 0) || !Number.isFinite(longest)) {
    return null;
  }
  const exponent = Math.floor(Math.log10(longest));
  const power = 10 ** exponent;
  // 1 + 1e-9: a bar that fits exactly must not fall to the next step by rounding.
  const step = [5, 2, 1].find(factor => factor * power <= longest * (1 + 1e-9)) ?? 0.5;
  const length = step * power;
  if (!(length > 0) || !Number.isFinite(length)) {
    return null;
  }
  return { pixels: length / pixelSize, label: formatQuantity(length, unit) };
}

/** Length of a unit in metres or seconds where its kind is known, beside that kind. */
function absolute(unit: string | undefined): { readonly base: string; readonly value: number } | undefined {
  const known = unit === undefined ? undefined : UNITS.get(unit);
  if (known) {
    return { base: known.base, value: 10 ** known.power };
  }
  return unit === 'angstrom' ? { base: 'm', value: 1e-10 } : undefined;
}

/** How many `to` one `from` is, `undefined` where either is not known or one is a length and the other a time. */
export function unitRatio(from: string | undefined, to: string | undefined): number | undefined {
  const [one, other] = [absolute(from), absolute(to)];
  if (!one || !other || one.base !== other.base) {
    return from === to ? 1 : undefined;
  }
  return one.value === other.value ? 1 : one.value / other.value;
}
