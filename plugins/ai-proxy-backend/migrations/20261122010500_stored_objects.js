// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('stored_objects', table => {
    table.comment('Whose the things are that providers keep');
    table.string('provider', 63).notNullable().comment('Name of the provider');
    table
      .string('kind', 32)
      .notNullable()
      .comment('file, upload, batch, response, cache …');
    table.string('id', 512).notNullable().comment('As the provider names it');
    table.string('principal', 64).notNullable().comment('UUID of who made it');
    table
      .string('target', 255)
      .notNullable()
      .comment('Name of the deployment and key at which it lives');
    table
      .bigInteger('created_at_ms')
      .notNullable()
      .comment('Milliseconds since the epoch');
    table
      .text('detail')
      .notNullable()
      .comment('What the proxy has to know of it besides, as JSON');
    table.primary(['provider', 'kind', 'id']);
    table.index(
      ['principal', 'kind', 'created_at_ms', 'id'],
      'stored_objects_of_principal',
    );
    table.index(['created_at_ms'], 'stored_objects_by_age');
  });
  await knex.schema.createTable('model_batches', table => {
    table.comment(
      'Batches whose usage is still to be counted, or was counted not long ago',
    );
    table.string('provider', 63).notNullable().comment('Name of the provider');
    table.string('id', 512).notNullable().comment('As the provider names it');
    table
      .string('target', 255)
      .notNullable()
      .comment('Name of the deployment and key at which it lives');
    table
      .text('account')
      .notNullable()
      .comment('Usage event of the request that made it, as JSON');
    table
      .text('demands')
      .notNullable()
      .comment('What it took from budgets for each model, as JSON');
    table.bigInteger('created_at_ms').notNullable();
    table
      .bigInteger('check_at_ms')
      .notNullable()
      .comment('When to ask the provider how it went, if nobody did before');
    table
      .bigInteger('counted_at_ms')
      .nullable()
      .comment('When its usage was counted; null before');
    table
      .text('used')
      .nullable()
      .comment('What it took in the end, of budgets, as JSON; null before');
    table.primary(['provider', 'id']);
    table.index(['counted_at_ms', 'check_at_ms'], 'model_batches_due');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('model_batches');
  await knex.schema.dropTable('stored_objects');
};
