/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { IdrWorld, json } from './idrworld';

const { signal } = new AbortController();
const NEW = 'https://new.example';
const PICTURES = json('omero', 'thumbnails_plate_325.json').values as string[];

describe('one image of IDR', () => {
  it('is read by its number, also where the answer is a list of one', async () => {
    const world = new IdrWorld();
    world.instead.set('idr/api/v0/m/images/16783/', json('omero-docs-samples', 'get-a-single-image.json'));
    world.instead.set('idr/webgateway/get_thumbnails/', { 16783: PICTURES[0] });
    expect(await world.source().image('image:16783', signal)).toMatchObject({
      id: 'image:16783',
      title: 'CFP_AurB_R3D.dv',
      size: { x: 512, y: 512, z: 29, c: 2, t: 1 },
      viewable: false,
      thumbnail: PICTURES[0]
    });
    expect(world.paths).toContain('idr/image/16783/download_urls/');
    expect(world.paths.filter(path => /imgData|render_|archived/.test(path))).toEqual([]);
  });

  it('belongs to the study that the web client says, or to none where it says something else', async () => {
    const world = new IdrWorld();
    const project = world.numberOf('idr0062');
    world.instead.set('idr/api/v0/m/images/1/', { data: { '@id': 1, Name: 'A' } });
    const owner = async (answer: unknown): Promise<unknown> => {
      world.instead.set('idr/webclient/api/paths_to_object/', answer);
      const { study, dataset, licence } = await world.source().image('image:1', signal);
      return [study?.accession, dataset, licence];
    };
    const path = [
      { type: 'experimenter', id: 2 },
      { type: 'project', id: project },
      { type: 'dataset', id: 5 }
    ];
    expect(await owner({ paths: [path] })).toEqual(['idr0062', 'dataset:5', 'CC BY 4.0']);
    expect(await owner({ paths: [[{ type: 'screen', id: 102 }]] })).toEqual(['idr0002', 'screen:102', 'CC BY 4.0']);
    for (const answer of [{ paths: [] }, '<html></html>', null, { paths: [[{ type: 'project', id: 5e5 }, null]] }]) {
      expect(await owner(answer)).toEqual([undefined, undefined, undefined]);
    }
  });

  it('is viewable where IDR’s page of downloads names its OME-Zarr', async () => {
    const world = new IdrWorld();
    world.instead.set('idr/api/v0/m/images/1/', { data: { '@id': 1, Name: 'A' } });
    world.instead.set('idr/image/1/download_urls/', {
      files: [{ url: null }, { url: `${NEW}/idr/zarr/1.zarr/0/.zattrs` }]
    });
    expect(await world.source().image('image:1', signal)).toMatchObject({
      viewable: true,
      uri: `${NEW}/idr/zarr/1.zarr`
    });
  });

  it('is a plate by the number of a plate', async () => {
    const world = new IdrWorld();
    world.instead.set('idr/api/v0/m/plates/5067/', json('omero-docs-samples', 'get-a-single-plate.json'));
    expect(await world.source().image('plate:5067', signal)).toMatchObject({
      kind: 'plate',
      title: 'Plate name',
      viewable: false
    });
  });

  it('is what the tables know where OMERO does not answer', async () => {
    const world = new IdrWorld();
    expect(await world.source().image('image:6001240', signal)).toMatchObject({
      viewable: true,
      study: { accession: 'idr0062' }
    });
  });

  it.each(['image:5', 'plate:5', 'well:5', 'image:', '6001240', 'image:1e3'])('is not found: %s', async id => {
    await expect(new IdrWorld().source().image(id, signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
