// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('model_catalogue', table => {
    table.comment('Models as their source last had them, for every replica');
    table
      .string('source_digest', 64)
      .primary('model_catalogue_pk')
      .comment('SHA-256 of the URL, which may have a secret in it');
    table.string('etag', 1000).nullable();
    table
      .string('document_digest', 64)
      .nullable()
      .comment('SHA-256; which replicas compare with what they have');
    table
      .binary('document')
      .nullable()
      .comment('JSON, gzip: models of the configured providers');
    table.timestamp('as_of', { useTz: true }).nullable();
    table.timestamp('checked_at', { useTz: true }).nullable();
    table.timestamp('failed_at', { useTz: true }).nullable();
    table.text('problem').nullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('model_catalogue');
};
