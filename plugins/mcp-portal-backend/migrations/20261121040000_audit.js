// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('audit_chains', table => {
    table.comment(
      'One chain of audit records for each UTC day and writer, and where it stands',
    );
    table.string('day', 10).notNullable().comment('UTC, such as 2026-11-21');
    table
      .string('writer', 36)
      .notNullable()
      .comment('Random UUID of a process that wrote');
    table
      .string('key_id', 64)
      .notNullable()
      .comment('The key with which everything in the chain is signed');
    table
      .text('opening', 'longtext')
      .notNullable()
      .comment('JSON: where other chains stood when this one began');
    table
      .integer('seq')
      .notNullable()
      .comment('Number of the last record, which is how many there are');
    table.string('hash', 64).notNullable().comment('Of the last record');
    table
      .timestamp('expired_at', { useTz: true })
      .nullable()
      .comment('When retention deleted the records');
    table
      .string('mac', 64)
      .notNullable()
      .comment('HMAC-SHA256 of everything above');
    table.primary(['day', 'writer'], 'audit_chains_pk');
  });

  await knex.schema.createTable('audit_records', table => {
    table.comment('What happened in the portals; append-only');
    table.string('day', 10).notNullable().comment('UTC day of the commit');
    table.string('writer', 36).notNullable();
    table.integer('seq').notNullable().comment('From 1, without gaps');
    table
      .string('previous_hash', 64)
      .notNullable()
      .comment('Hash of the record before; of the opening for the first one');
    table
      .string('hash', 64)
      .notNullable()
      .comment('HMAC-SHA256 over day, writer, seq, previous hash and record');
    table
      .text('record', 'longtext')
      .notNullable()
      .comment('Canonical JSON (RFC 8785); the columns below repeat it');
    table.timestamp('at', { useTz: true }).notNullable();
    table.string('action', 32).notNullable();
    table.string('outcome', 32).notNullable();
    table.string('portal', 128).notNullable();
    table.string('server', 128).nullable();
    table.string('target', 512).nullable();
    table.string('caller', 64).nullable().comment('UUID');
    table.string('client', 512).nullable().comment('Client id');
    table.string('execution_id', 128).nullable();
    table.primary(['day', 'writer', 'seq'], 'audit_records_pk');
    table.index(['at'], 'audit_records_at_idx');
    table.index(['caller', 'at'], 'audit_records_caller_idx');
    table.index(['portal', 'at'], 'audit_records_portal_idx');
    table.index(['server', 'target', 'at'], 'audit_records_server_idx');
    table.index(['target', 'at'], 'audit_records_target_idx');
    table.index(['outcome', 'at'], 'audit_records_outcome_idx');
    table.index(['client', 'at'], 'audit_records_client_idx');
    table.index(['execution_id'], 'audit_records_execution_idx', {
      predicate: knex.whereNotNull('execution_id'),
    });
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('audit_records');
  await knex.schema.dropTable('audit_chains');
};
