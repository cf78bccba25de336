// Merged into the configuration of @jupyter/builder.
const path = require('path');

module.exports = {
  module: {
    rules: [
      {
        test: /\.js$/,
        include: /node_modules\/@(deck\.gl|luma\.gl|probe\.gl|loaders\.gl|math\.gl)\//,
        use: [path.resolve(__dirname, 'build/private-globals.cjs')]
      }
    ]
  }
};
