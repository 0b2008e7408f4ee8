module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  // Tests may start several plugins, as in .dependency-cruiser.cjs.
  testRules: { '@backstage/no-mixed-plugin-imports': 'off' },
});
