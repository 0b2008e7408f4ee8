// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('code_executions', table => {
    table.comment('What code of models did, without secrets');
    table.string('id', 36).primary('code_executions_pk');
    table.string('kind', 16).notNullable().comment('search or execute');
    table.string('state', 16).notNullable();
    table.string('portal', 64).notNullable();
    table.string('caller_uuid', 64).notNullable();
    table.string('client_name', 200).nullable();
    table.text('code', 'longtext').notNullable().comment('Redacted');
    table
      .string('code_digest', 64)
      .notNullable()
      .comment('SHA-256 of the code as it was sent');
    table.text('calls', 'longtext').notNullable().comment('JSON');
    table.text('logs', 'longtext').notNullable().comment('JSON, redacted');
    table.text('error', 'longtext').nullable().comment('JSON, redacted');
    table.integer('result_bytes').nullable();
    table.integer('cut_characters').nullable();
    table.double('cpu_ms').notNullable();
    table.double('duration_ms').notNullable();
    table.text('waits_at', 'longtext').nullable().comment('JSON: URLs');
    table
      .text('sealed', 'longtext')
      .nullable()
      .comment('With which a paused execution goes on');
    table.timestamp('started_at', { useTz: true }).notNullable();
    table.timestamp('updated_at', { useTz: true }).notNullable();
    table.index(['caller_uuid', 'started_at'], 'code_executions_caller_idx');
    table.index(['code_digest', 'state'], 'code_executions_digest_idx');
    table.index(['started_at'], 'code_executions_started_idx');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('code_executions');
};
