// Bundles the commands `validate` and `read` into one file that needs nothing beside it: dist/bioimage-cli.cjs.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const BUNDLE = path.join(ROOT, 'dist', 'bioimage-cli.cjs');

/** Builds beside the target and renames, so that a command that runs meanwhile finds the old file or the new one. */
export async function buildCli() {
  const { rspack } = await import('@rspack/core');
  const folder = path.join(ROOT, 'dist', `.cli-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const compiler = rspack({
    mode: 'production',
    target: 'node20',
    context: ROOT,
    entry: './src/cli/start.ts',
    devtool: false,
    output: { path: folder, filename: path.basename(BUNDLE), asyncChunks: false },
    resolve: { extensions: ['.ts', '.js', '.json'] },
    module: {
      rules: [
        {
          test: /\.ts$/,
          loader: 'builtin:swc-loader',
          options: { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } },
          type: 'javascript/auto'
        }
      ]
    },
    optimization: { minimize: false, splitChunks: false },
    performance: false
  });
  try {
    await new Promise((resolve, reject) => {
      compiler.run((error, stats) => {
        if (error) {
          reject(error);
        } else if (stats.hasErrors()) {
          reject(new Error(stats.toString({ preset: 'errors-only' })));
        } else {
          resolve();
        }
      });
    });
    await new Promise(resolve => compiler.close(resolve));
    renameSync(path.join(folder, path.basename(BUNDLE)), BUNDLE);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return BUNDLE;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(path.relative(process.cwd(), await buildCli()));
}
