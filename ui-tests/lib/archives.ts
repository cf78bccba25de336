import { test as base } from '@playwright/test';
import path from 'node:path';
import { startLab, type ILab } from './lab';

const ROOT = path.resolve(__dirname, '../..');

/** A JupyterLab whose archives are the doubles. */
export interface IArchiveLab {
  lab: ILab;
  /** Address of the doubles. */
  url: string;
  /** Sets delays and failures of the doubles (`fixtures/doubles/README.md`) and forgets what they were asked. */
  control(settings: object): Promise<void>;
  /** What the doubles were asked since, and what of it was given up. */
  asked(): Promise<{ requests: string[]; aborted: string[] }>;
  end(): Promise<void>;
}

interface IArchives {
  startDoubles(samples?: string): Promise<{ url: string; ready: Promise<void>; stop(): Promise<void> }>;
  doubledArchives(url: string): { env: Record<string, string>; stores: object[] };
}

/** Running doubles, with the stores and the environment of a server that takes them for the archives. */
export interface IDoubles {
  url: string;
  stores: object[];
  env: Record<string, string>;
  stop(): Promise<void>;
}

export async function startDoubles(): Promise<IDoubles> {
  const archives = (await import(path.join(ROOT, 'scripts/lib/archives.mjs'))) as IArchives;
  const { url, ready, stop } = await archives.startDoubles();
  await ready;
  return { url, stop, ...archives.doubledArchives(url) };
}

/** Starts the doubles and a JupyterLab that takes them for the archives. */
export async function startArchiveLab(options: Parameters<typeof startLab>[0] = {}): Promise<IArchiveLab> {
  const doubles = await startDoubles();
  const { env, stores } = doubles;
  const { lab, end } = await startLab({ ...options, stores: [...stores, ...(options.stores ?? [])], env: { ...env, ...options.env } });
  return {
    lab,
    url: doubles.url,
    control: async settings => {
      await fetch(`${doubles.url}/control`, { method: 'POST', body: JSON.stringify(settings) });
    },
    asked: async () => (await fetch(`${doubles.url}/requests`)).json() as Promise<{ requests: string[]; aborted: string[] }>,
    end: async () => {
      await end();
      await doubles.stop();
    }
  };
}

/** Tests that share one JupyterLab over the doubles. */
export const test = base.extend<object, { archives: IArchiveLab }>({
  archives: [
    async ({}, use) => {
      const made = await startArchiveLab();
      await use(made);
      await made.end();
    },
    { scope: 'worker', timeout: 120_000 }
  ]
});
