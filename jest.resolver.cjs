// zarrita and its companions publish only the "import" condition, which jest's CommonJS resolution does not try.
const lab = require('@jupyterlab/testing/lib/jest-resolver.js');
const IMPORT_ONLY = /^(zarrita|@zarrita\/|numcodecs|unzipit|reference-spec-reader)/;
module.exports = (request, options) =>
  IMPORT_ONLY.test(request)
    ? options.defaultResolver(request, { ...options, conditions: ['import', 'default'] })
    : lab(request, options);
