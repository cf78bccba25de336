import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';

const ROOT = path.resolve(__dirname, '../..');

/** Address of one sample pixel; absent axes are 0. */
export interface IAddress {
  sample: string;
  level: number;
  t?: number;
  c?: number;
  z?: number;
  y: number;
  x: number;
}

/** The samples' formula, evaluated by the generator's own module in a Python process of its own. */
export class Oracle {
  private readonly _child: ChildProcess;
  private readonly _answers: AsyncIterator<string>;

  constructor() {
    this._child = spawn(path.join(ROOT, '.venv/bin/python'), [path.join(ROOT, 'ui-tests/oracle.py')], {
      stdio: ['pipe', 'pipe', 'inherit']
    });
    this._answers = readline.createInterface({ input: this._child.stdout! })[Symbol.asyncIterator]();
  }

  async value({ sample, level, t = 0, c = 0, z = 0, y, x }: IAddress): Promise<number> {
    this._child.stdin!.write(`${JSON.stringify([sample, level, t, c, z, y, x])}\n`);
    const { value, done } = await this._answers.next();
    if (done) {
      throw new Error('the oracle ended');
    }
    return JSON.parse(value as string) as number;
  }

  close(): void {
    this._child.stdin!.end();
  }
}
