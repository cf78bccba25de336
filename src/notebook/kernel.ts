import type { KernelSpec } from '@jupyterlab/services';

/** Name of a kernel for Python: the default one if it is, else the first; `undefined` where there is none. */
export async function pythonKernel(manager: KernelSpec.IManager): Promise<string | undefined> {
  await manager.ready;
  const { specs } = manager;
  const names = specs === null ? [] : [specs.default, ...Object.keys(specs.kernelspecs)];
  return names.find(name => specs?.kernelspecs[name]?.language.toLowerCase() === 'python');
}
