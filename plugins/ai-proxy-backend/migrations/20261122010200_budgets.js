// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('budgets', table => {
    table.comment(
      'Budgets that administrators made, beside the configured ones',
    );
    table.string('name', 64).primary('budgets_pk');
    table.text('definition', 'longtext').notNullable().comment('JSON');
    table.string('etag', 36).notNullable().comment('Random UUID of the change');
    table.string('updated_by', 64).notNullable().comment('UUID');
    table.timestamp('updated_at', { useTz: true }).notNullable();
  });

  await knex.schema.createTable('budget_buckets', table => {
    table.comment(
      'What a budget has in one window, for one value by which it is split. Amounts in 10^-9 US dollars, tokens or requests',
    );
    table
      .string('id', 32)
      .primary('budget_buckets_pk')
      .comment('Digest of budget, unit, window, split, value and start');
    table.string('budget', 64).notNullable();
    table.string('unit', 16).notNullable();
    table.string('time_window', 16).notNullable();
    table.string('per', 16).notNullable();
    table
      .text('value', 'longtext')
      .notNullable()
      .comment('UUID, entity ref or id; empty when it is not split');
    table.string('user_uuid', 64).nullable().comment('Whose own it is');
    table.bigInteger('starts_at').notNullable().comment('ms since 1970');
    table.bigInteger('ends_at').notNullable().comment('ms since 1970');
    table
      .bigInteger('limit_amount')
      .notNullable()
      .comment('As it was at the last lease');
    table
      .bigInteger('leased')
      .notNullable()
      .comment('Sum of what the leases grant');
    table
      .bigInteger('spent')
      .notNullable()
      .comment('Sum of what the leases say was spent');
    table
      .bigInteger('scarce_until')
      .nullable()
      .comment('ms since 1970; until then replicas give back what they can');
    table.index(['ends_at'], 'budget_buckets_ends_idx');
    table.index(['scarce_until'], 'budget_buckets_scarce_idx', {
      predicate: knex.whereNotNull('scarce_until'),
    });
    table.index(['starts_at', 'id'], 'budget_buckets_starts_idx');
  });

  await knex.schema.createTable('budget_leases', table => {
    table.comment(
      'How much of a bucket a replica may spend without asking, and what it has said about it',
    );
    table.string('bucket_id', 32).notNullable();
    table.string('replica', 36).notNullable().comment('UUID of a process');
    table
      .bigInteger('granted')
      .notNullable()
      .comment('In the whole window, with what is spent');
    table.bigInteger('spent').notNullable();
    table.bigInteger('reserved').notNullable().comment('For running requests');
    table
      .bigInteger('seq')
      .notNullable()
      .comment('Of the last change: an older one that comes late is ignored');
    table.primary(['bucket_id', 'replica'], 'budget_leases_pk');
  });

  await knex.schema.createTable('budget_replicas', table => {
    table.comment('When processes were last heard of');
    table.string('replica', 36).primary('budget_replicas_pk');
    table.bigInteger('seen_at').notNullable().comment('ms since 1970');
  });

  await knex.schema.createTable('budget_alerts', table => {
    table.comment(
      'Which alerts there were: one for each bucket and percentage',
    );
    table.string('bucket_id', 32).notNullable();
    table.integer('percent').notNullable();
    table
      .bigInteger('claimed_at')
      .notNullable()
      .comment('ms since 1970: when a replica last set out to tell');
    table
      .boolean('told')
      .notNullable()
      .comment('Or there is nothing to tell, as more is used by now');
    table.primary(['bucket_id', 'percent'], 'budget_alerts_pk');
    table.index(['told', 'claimed_at'], 'budget_alerts_told_idx');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('budget_alerts');
  await knex.schema.dropTable('budget_replicas');
  await knex.schema.dropTable('budget_leases');
  await knex.schema.dropTable('budget_buckets');
  await knex.schema.dropTable('budgets');
};
