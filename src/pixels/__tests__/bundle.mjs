// Bundles one TypeScript entry for a thread of Node: bundle.mjs <entry> <folder of the output>. The file is `bundle.cjs`.
import { rspack } from '@rspack/core';

const [entry, folder] = process.argv.slice(2);
const loader = {
  test: /\.ts$/,
  loader: 'builtin:swc-loader',
  options: { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } },
  type: 'javascript/auto'
};
rspack(
  {
    mode: 'development',
    target: 'node20',
    entry,
    devtool: false,
    output: { path: folder, filename: 'bundle.cjs', asyncChunks: false },
    resolve: { extensions: ['.ts', '.js'] },
    module: { rules: [loader] }
  },
  (error, stats) => {
    if (error || stats.hasErrors()) {
      console.error(error ?? stats.toString('errors-only'));
      process.exitCode = 1;
    }
  }
);
