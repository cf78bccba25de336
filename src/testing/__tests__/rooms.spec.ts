import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const ROOT = process.cwd();
const SRC = path.join(ROOT, 'src');

/** Room → rooms it may import: the table that the lint expands. */
const allowed = JSON.parse(readFileSync(path.join(ROOT, 'rooms.json'), 'utf8')) as Record<string, string[]>;

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name === '__tests__' ? [] : sources(file);
    }
    return /\.tsx?$/.test(entry.name) ? [file] : [];
  });
}

/** Rooms that the sources of `room` really import, whatever the form of the import. */
function imported(room: string): Set<string> {
  const found = new Set<string>();
  for (const file of sources(path.join(SRC, room))) {
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)) {
      const relative = path.relative(SRC, path.resolve(path.dirname(file), target));
      const other = relative.split(path.sep)[0];
      // What lies outside src (icons, style sheets) is no room.
      if (other !== room && other !== '..') {
        found.add(other);
      }
    }
  }
  return found;
}

const rooms = readdirSync(SRC).filter(name => statSync(path.join(SRC, name)).isDirectory());

describe('rooms', () => {
  it('are all in the table', () => {
    expect(rooms.filter(room => !(room in allowed))).toEqual([]);
  });

  it.each(rooms)('%s imports only what the table allows', room => {
    expect([...imported(room)].filter(other => !allowed[room].includes(other))).toEqual([]);
  });

  it('import without a circle', () => {
    const depth = (room: string, path: string[]): number => {
      expect(path).not.toContain(room);
      return 1 + Math.max(0, ...[...imported(room)].map(other => depth(other, [...path, room])));
    };
    rooms.forEach(room => depth(room, []));
  });

  it('have one door each', () => {
    const closed = rooms.filter(room => !['plugins', 'testing', 'cli'].includes(room));
    expect(closed.filter(room => !existsSync(path.join(SRC, room, 'index.ts')))).toEqual([]);
  });
});

describe('docs/ARCHITECTURE.md', () => {
  it('lists exactly the folders that are there', () => {
    const text = readFileSync(path.join(ROOT, 'docs', 'ARCHITECTURE.md'), 'utf8');
    const listed = [...text.matchAll(/^\| `(src\/[a-z]+)\/`/gm)].map(match => match[1]).sort();
    expect(listed).toEqual(rooms.map(room => `src/${room}`).sort());
  });
});
