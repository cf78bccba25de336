/** Names of files that hold images, as an address names them too: archives and TIFF files. */
const FILES = String.raw`ozx|zip|tiff?|btf|tf[28]|svs|ndpi|scn|qptiff`;

/** A file of images. */
export const IMAGE_FILE = new RegExp(String.raw`\.(?:${FILES})$`, 'i');

/** A folder or file of an image. */
export const IMAGE_NAME = new RegExp(String.raw`\.(?:zarr|${FILES})$`, 'i');
