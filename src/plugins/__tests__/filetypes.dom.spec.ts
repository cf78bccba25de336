import { DocumentRegistry } from '@jupyterlab/docregistry';

import { files } from '../files';
import type { IBioImagePreviews } from '../tokens';

/** The document registry with JupyterLab's own types, and the editor and the picture viewer as it has them. */
function registryWithUs(): DocumentRegistry {
  const docRegistry = new DocumentRegistry({});
  const other = { isDisposed: false, dispose: () => undefined, readOnly: true, modelName: 'text' };
  const add = (name: string, fileTypes: string[]): void => {
    const options = { ...other, name, label: name, fileTypes, defaultFor: fileTypes };
    docRegistry.addWidgetFactory(options as unknown as DocumentRegistry.WidgetFactory);
  };
  add('Editor', ['*']);
  const activate = files.activate as unknown as (app: object, previews: IBioImagePreviews, none: null) => void;
  activate({ docRegistry }, {} as IBioImagePreviews, null);
  docRegistry.addFileType({ name: 'tiff', extensions: ['.tif', '.tiff'], contentType: 'file', fileFormat: 'base64' });
  // after ours: the order in which plugins start is not known
  add('Image', ['tiff']);
  return docRegistry;
}

describe('a double click on a file', () => {
  const registry = registryWithUs();

  it.each(['a.ozx', 'a.zarr.zip', 'a.ome.zarr.zip', 'a.tif', 'A.TIFF', 'a.ome.tif', 'a.OME.TIF', 'a.svs', 'a.ndpi', 'a.qptiff', 'a.tf8'])(
    'opens the preview of %s, and another viewer on request',
    name => {
      expect(registry.defaultWidgetFactory(name).label).toBe('Image preview');
      expect(registry.preferredWidgetFactories(name).map(one => one.name)).toContain('Editor');
    }
  );

  it.each(['a.zip', 'a.txt', 'tif', 'a.tif.txt', 'a.zarr'])('does what it ever did for %s', name => {
    expect(registry.defaultWidgetFactory(name).name).toBe('Editor');
  });

  it('neither reads the file as a whole nor copies it into a checkpoint', () => {
    const { modelName } = registry.defaultWidgetFactory('a.tif');
    const models = registry.getModelFactory(modelName!)!;
    expect(models.fileFormat).toBeNull();
    expect(models.collaborative).toBe(false); // it is not opened by the drive for shared editing either
    const model = models.createNew();
    expect(model.collaborative).toBe(true); // see `canSave` of JupyterLab's context
    model.dispose();
  });

  it('leaves folders folders', () => {
    expect(registry.getFileTypeForModel({ type: 'directory', name: 'a.zarr', path: 'a.zarr' })?.name).toBe('ome-zarr');
    expect(registry.getFileTypeForModel({ type: 'directory', name: 'a.tif', path: 'a.tif' })?.contentType).toBe('directory');
  });
});
