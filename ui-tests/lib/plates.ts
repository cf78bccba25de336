import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { PEERS } from './campaign';

const ROOT = path.resolve(__dirname, '../..');

/** One request that the data server has answered; times in ms since the epoch. */
export interface ISynthRequest {
  at: number;
  end: number | null;
  method: string;
  url: string;
  status: number;
  bytes: number;
}

export interface ISynth {
  url: string;
  /** What was asked for since the last call. */
  requests(): Promise<ISynthRequest[]>;
  close(): void;
}

/** Starts the data server of synthetic images that stands beside this project, with this project's own codecs. */
export async function startSynth(port: number): Promise<ISynth> {
  const home = mkdtempSync(path.join(os.tmpdir(), 'bioimage-synth-'));
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(home, 'node_modules'));
  const socketPath = path.join(home, 'control');
  const child = spawn(process.execPath, [path.join(PEERS, 'serve.mjs'), '--port', String(port), '--host', '127.0.0.1', '--control', socketPath], {
    env: { ...process.env, PEERS_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit']
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => /ready/.test(String(data)) && resolve());
    child.once('exit', code => reject(new Error(`the data server ended with ${code}`)));
  });
  const requests = () =>
    new Promise<ISynthRequest[]>((resolve, reject) => {
      const request = http.request({ socketPath, path: '/log', method: 'POST' }, response => {
        let text = '';
        response.on('data', (data: Buffer) => (text += String(data)));
        response.on('end', () => resolve(JSON.parse(text) as ISynthRequest[]));
      });
      request.on('error', reject).end();
    });
  return {
    url: `http://127.0.0.1:${port}/synth`,
    requests,
    close: () => {
      child.kill();
      rmSync(home, { recursive: true, force: true });
    }
  };
}

/** A made plate: wells that are there, wells that are named but not there, and places that no well is named for. */
export const SMALL = {
  rows: ['A', 'B', 'C', 'D'],
  columns: ['1', '2', '3', '4', '5', '6'],
  fields: 2,
  absent: ['B3', 'D6'],
  gaps: ['A6', 'C1', 'C2']
};

/** Writes that plate: Zarr v2, no compression, every well another grey, `SMALL.fields` fields, and conditions of wells. */
export function writePlate(folder: string): void {
  const write = (name: string, value: object | Buffer): void => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, Buffer.isBuffer(value) ? value : JSON.stringify(value));
  };
  const wells = SMALL.rows.flatMap((row, rowIndex) =>
    SMALL.columns.map((column, columnIndex) => ({ name: `${row}${column}`, path: `${row}/${column}`, rowIndex, columnIndex }))
  ).filter(({ name }) => !SMALL.gaps.includes(name));
  const size = 64;
  write('.zgroup', { zarr_format: 2 });
  write('.zattrs', {
    plate: {
      version: '0.4', name: 'small', field_count: SMALL.fields,
      rows: SMALL.rows.map(name => ({ name })), columns: SMALL.columns.map(name => ({ name })),
      wells: wells.map(({ path: where, rowIndex, columnIndex }) => ({ path: where, rowIndex, columnIndex })), acquisitions: [{ id: 0, name: 'first' }]
    }
  });
  wells.filter(({ name }) => !SMALL.absent.includes(name)).forEach(({ path: where }, i) => {
    write(`${where}/.zgroup`, { zarr_format: 2 });
    const images = Array.from({ length: SMALL.fields }, (_, field) => ({ path: String(field), acquisition: 0 }));
    write(`${where}/.zattrs`, { well: { version: '0.4', images } });
    for (const { path: field } of images) {
      const axes = [{ name: 'c', type: 'channel' }, { name: 'y', type: 'space' }, { name: 'x', type: 'space' }];
      const channel = { color: 'FFFFFF', label: 'grey', active: true, window: { start: 0, end: 255, min: 0, max: 255 } };
      const datasets = [{ path: '0', coordinateTransformations: [{ type: 'scale', scale: [1, 1, 1] }] }];
      write(`${where}/${field}/.zgroup`, { zarr_format: 2 });
      write(`${where}/${field}/.zattrs`, { multiscales: [{ version: '0.4', axes, datasets }], omero: { channels: [channel] } });
      write(`${where}/${field}/0/.zarray`, { zarr_format: 2, shape: [1, size, size], chunks: [1, size, size], dtype: '|u1', compressor: null, filters: null, fill_value: 0, order: 'C', dimension_separator: '/' });
      write(`${where}/${field}/0/0/0/0`, Buffer.alloc(size * size, 10 + i * 10 + Number(field)));
    }
  });
}
