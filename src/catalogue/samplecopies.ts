import { decodeText } from './csv';
import type { ICatalogueEnvironment } from './source';
import { readSampleTable, SAMPLE_SERVICE, SAMPLE_TABLE } from './sources/ngffsamples';
import type { SamplesByNumber } from './whereabouts';
import { sampleByImageNumber } from './whereabouts';

/** The copies that IDR's table of samples names, by image number; asks the service. None where the relay does not know it. */
export async function sampleCopies(
  environment: Pick<ICatalogueEnvironment, 'relay' | 'services' | 'rewrites'>,
  signal: AbortSignal
): Promise<SamplesByNumber> {
  const [services, rewrites] = await Promise.all([environment.services(), environment.rewrites()]);
  if (!services.includes(SAMPLE_SERVICE)) {
    return new Map();
  }
  const { bytes } = await environment.relay(SAMPLE_SERVICE, SAMPLE_TABLE, {}, signal);
  return sampleByImageNumber(readSampleTable(decodeText(bytes)), rewrites);
}
