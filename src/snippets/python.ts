import { comment, literal } from './quote';
import type { IPackage, ISnippetInput, SnippetAccess } from './template';

/** Axis names that may become names of variables; any other is numbered. */
const AXIS_NAMES = ['t', 'c', 'z', 'y', 'x'];

/** Reading over http: zarr's own way, and what ome-zarr-py needs too. */
const HTTP: readonly IPackage[] = [
  { module: 'fsspec', install: 'fsspec' },
  { module: 'aiohttp', install: 'aiohttp' }
];

/** One key or path with every segment percent-encoded as a URL needs it. */
function encodePath(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}

/**
 * Where the kernel finds the image: a path, or an address. A public bucket is read unsigned, in path style, which is an
 * https address like any other and needs no S3 client.
 */
export function locationOf(access: SnippetAccess): string {
  switch (access.kind) {
    case 'file':
      return access.path;
    case 'https':
      return access.url;
    case 's3':
      return `${access.endpoint.replace(/\/+$/, '')}/${encodePath(access.bucket)}/${encodePath(access.key)}`;
    default:
      return access satisfies never;
  }
}

/** Packages of a template with those that the access needs. */
export function packagesFor(packages: readonly IPackage[], access: SnippetAccess): readonly IPackage[] {
  return access.kind === 'file' ? packages : [...packages, ...HTTP];
}

/** The line of a cell that installs the packages. */
function installLine(packages: readonly IPackage[]): string {
  return `%pip install ${packages.map(({ install }) => (/[<>=[\]]/.test(install) ? `"${install}"` : install)).join(' ')}`;
}

/** Comment lines before the code: the image, the level, and what installs what is needed. */
export function headOf(input: ISnippetInput, packages: readonly IPackage[]): string[] {
  const title = comment('python', input.title) || 'image';
  const axes = input.axes.map((name, index) => `${comment('python', name)} ${input.shape[index]}`).join(', ');
  return [
    `# ${title}: level ${input.level} (${axes}; ${comment('python', input.dtype)})`,
    `# Needs: ${installLine(packages)}`
  ];
}

/** The imports, with words that say which package is missing and the line that installs it. */
export function importsOf(lines: readonly string[], packages: readonly IPackage[]): string[] {
  const advice = `. Install it, then run this cell again: ${installLine(packages)}`;
  return [
    'try:',
    ...lines.map(line => `    ${line}`),
    'except ImportError as error:',
    `    advice = ${literal('python', advice)}`,
    '    raise ImportError(str(error) + advice) from error'
  ];
}

/** A view's part of the image: variables for the top of the cell, and the lines that cut `image` to it. */
export interface IPart {
  variables: string[];
  lines: string[];
}

/**
 * The part as Python. Lists are taken first, one axis at a time, while every axis is still there; numpy's rules for a
 * list beside indices would move axes about.
 */
export function partOf(input: ISnippetInput): IPart {
  const variables: string[] = [];
  const lines: string[] = [];
  const subscripts = input.axes.map((axis, place) => {
    const slice = input.slices[place];
    const name = AXIS_NAMES.includes(axis) ? axis : `axis_${place}`;
    if (slice === null) {
      return ':';
    }
    if ('list' in slice) {
      const list = axis === 'c' ? 'channels' : `${name}_list`;
      variables.push(`${list} = ${literal('python', slice.list)}`);
      lines.push(`image = da.take(image, ${list}, axis=${place})`);
      return ':';
    }
    if ('index' in slice) {
      variables.push(`${name} = ${literal('python', slice.index)}`);
    } else {
      variables.push(`${name} = slice(${literal('python', slice.start)}, ${literal('python', slice.stop)})`);
    }
    return name;
  });
  // Slices that take all at the end need not be written.
  while (subscripts.length > 0 && subscripts[subscripts.length - 1] === ':') {
    subscripts.pop();
  }
  if (subscripts.length > 0) {
    lines.push(`image = image[${subscripts.join(', ')}]`);
  }
  return { variables, lines };
}
