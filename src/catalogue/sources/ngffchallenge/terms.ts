/** Organisms of the challenge's images by their number in the NCBI taxonomy. */
const ORGANISMS: Readonly<Record<string, string>> = {
  '3055': 'Chlamydomonas reinhardtii',
  '3701': 'Arabidopsis',
  '3702': 'Arabidopsis thaliana',
  '4932': 'Saccharomyces cerevisiae',
  '5833': 'Plasmodium falciparum',
  '6239': 'Caenorhabditis elegans',
  '6359': 'Platynereis dumerilii',
  '7227': 'Drosophila melanogaster',
  '7955': 'Danio rerio',
  '9031': 'Gallus gallus',
  '9601': 'Pongo abelii',
  '9606': 'Homo sapiens',
  '10090': 'Mus musculus',
  '10116': 'Rattus norvegicus',
  '261975': 'Pycnogonum litorale'
};

/** Imaging methods by their number in the Biological Imaging Methods Ontology (FBbi). */
const METHODS: Readonly<Record<string, string>> = {
  '00000243': 'bright-field microscopy',
  '00000245': 'differential interference contrast microscopy',
  '00000246': 'fluorescence microscopy',
  '00000251': 'confocal microscopy',
  '00000253': 'spinning disk confocal microscopy',
  '00000257': 'scanning electron microscopy (SEM)',
  '00000258': 'transmission electron microscopy (TEM)',
  '00000334': 'stimulated emission depletion microscopy (STED)',
  '00000369': 'light sheet fluorescence microscopy',
  '00000585': 'serial block face SEM (SBFSEM)',
  '00001002': 'X-ray computed tomography',
  '00050000': 'focussed ion beam scanning electron microscopy (FIB-SEM)'
};

/** The other ontology that occurs: the NCI Thesaurus. */
const NCIT: Readonly<Record<string, string>> = { C182027: 'multiplexed ion beam imaging' };

const lookUp = (table: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** The name of an organism given as `NCBI:txid9606`; an id that is not in the table stands for itself. */
export function organismOf(id: string | undefined): string | undefined {
  const number = /(?:txid|NCBITaxon[_:])(\d+)$/i.exec(id ?? '')?.[1];
  return number === undefined ? id : (lookUp(ORGANISMS, number) ?? `NCBI:txid${number}`);
}

/** The name of a method given as `obo:FBbi_00000246`, `FBbi:00000243` or `NCIT_C182027`; else the id itself. */
export function methodOf(id: string | undefined): string | undefined {
  const [, ontology, number] = /(FBbi|NCIT)[_:]([A-Z]?\d+)$/i.exec(id ?? '') ?? [];
  if (number === undefined) {
    return id;
  }
  const isFbbi = ontology.toLowerCase() === 'fbbi';
  return lookUp(isFbbi ? METHODS : NCIT, number) ?? `${isFbbi ? 'FBbi' : 'NCIT'}:${number}`;
}
