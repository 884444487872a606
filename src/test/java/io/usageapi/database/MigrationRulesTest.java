package io.usageapi.database;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every migration but the first runs while the server serves, and is in nobody's way. */
class MigrationRulesTest {
  private static final Path MIGRATIONS = Path.of("src", "main", "resources", "db", "migration");

  @Test
  void no_migration_after_the_first_is_in_the_way_of_who_reads_and_writes() throws IOException {
    List<String> before = new ArrayList<>();
    for (Path file : versioned()) {
      String sql = Files.readString(file, UTF_8);
      if (!before.isEmpty()) {
        assertThat(MigrationRules.violations(sql, before.toArray(String[]::new)))
            .as(file.getFileName() + ": CONTRIBUTING.md says what a migration may do")
            .isEmpty();
      }
      before.add(sql);
    }
    assertThat(before).isNotEmpty();
  }

  /** A file beside a migration can take it out of its transaction, and so away from the lock's. */
  @Test
  void no_migration_has_settings_of_its_own() throws IOException {
    try (Stream<Path> files = Files.list(MIGRATIONS)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .allMatch(name -> name.matches("V[0-9]+__[a-z0-9_]+\\.sql|D__[a-z.-]+\\.sql"));
    }
  }

  private static List<Path> versioned() throws IOException {
    try (Stream<Path> files = Files.list(MIGRATIONS)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("V"))
          .sorted(Comparator.comparingInt(MigrationRulesTest::version))
          .toList();
    }
  }

  private static int version(Path file) {
    return Integer.parseInt(file.getFileName().toString().replaceAll("^V([0-9]+)__.*", "$1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE monthly_usage ADD COLUMN note text COLLATE \"C\";",
        "alter table monthly_usage add note text, add column tax numeric not null default 0",
        "ALTER TABLE monthly_usage ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now()",
        "ALTER TABLE monthly_usage ADD COLUMN kind text DEFAULT 'a;b' NOT NULL",
        "DROP INDEX CONCURRENTLY IF EXISTS by_kind;"
            + " CREATE INDEX CONCURRENTLY by_kind ON monthly_usage (organization_id, kind, id)",
        "DROP INDEX CONCURRENTLY IF EXISTS by_kind",
        "CREATE INDEX by_kind ON ONLY usage_record (organization_id, id)",
        "CREATE TABLE note (id uuid PRIMARY KEY); CREATE INDEX note_by_id ON note (id);"
            + " INSERT INTO note SELECT gen_random_uuid(); ALTER TABLE note ALTER id SET NOT NULL",
        "INSERT INTO month_status_default VALUES ('2026-01-01', 'OPEN', now())",
        "ALTER TABLE account ADD CONSTRAINT named CHECK (name IS NOT NULL) NOT VALID",
        "ALTER TABLE account VALIDATE CONSTRAINT named",
        "ALTER TABLE account ADD CONSTRAINT one UNIQUE USING INDEX account_one",
        "ALTER TABLE account ALTER COLUMN name SET DEFAULT '', ALTER name DROP NOT NULL",
        "-- unused since 1.2\nALTER TABLE account DROP COLUMN company_name",
        "-- unused since 1.2\nDROP TABLE note",
        "ALTER TABLE usage_record ATTACH PARTITION p FOR VALUES FROM ('2036-01-01') TO ('2036-02-01')",
        "COMMENT ON TABLE account IS 'UPDATE account; it''s -- nothing'"
      })
  void what_is_in_nobodys_way_is_taken(String sql) {
    assertThat(MigrationRules.violations(sql)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE INDEX by_kind ON monthly_usage (organization_id, kind, id)",
        "CREATE UNIQUE INDEX by_kind ON monthly_usage (organization_id, kind)",
        "CREATE INDEX CONCURRENTLY by_kind ON monthly_usage (organization_id, kind, id)",
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS by_kind ON monthly_usage (kind)",
        "DROP INDEX CONCURRENTLY IF EXISTS by_type;"
            + " CREATE INDEX CONCURRENTLY by_kind ON monthly_usage (organization_id, kind, id)",
        "ALTER TABLE monthly_usage ADD kind text; DROP INDEX CONCURRENTLY IF EXISTS by_kind;"
            + " CREATE INDEX CONCURRENTLY by_kind ON monthly_usage (organization_id, kind, id)",
        "DROP INDEX by_kind",
        "REINDEX TABLE monthly_usage",
        "ALTER TABLE monthly_usage ADD COLUMN kind text NOT NULL",
        "ALTER TABLE monthly_usage ADD COLUMN kind uuid DEFAULT gen_random_uuid()",
        "ALTER TABLE monthly_usage ADD COLUMN kind timestamptz DEFAULT clock_timestamp()",
        "ALTER TABLE monthly_usage ADD COLUMN kind bigserial",
        "ALTER TABLE monthly_usage ADD COLUMN kind text GENERATED ALWAYS AS (type) STORED",
        "ALTER TABLE monthly_usage ADD COLUMN kind text REFERENCES organization (id)",
        "ALTER TABLE monthly_usage ADD COLUMN a text, ADD COLUMN kind text CHECK (kind > '')",
        "ALTER TABLE monthly_usage ALTER COLUMN price TYPE double precision",
        "ALTER TABLE monthly_usage ALTER price SET DATA TYPE text",
        "ALTER TABLE monthly_usage ALTER price SET NOT NULL",
        "ALTER TABLE account ADD CONSTRAINT named CHECK (name IS NOT NULL)",
        "ALTER TABLE account ADD CHECK (name IS NOT NULL)",
        "ALTER TABLE account ADD CONSTRAINT f FOREIGN KEY (name) REFERENCES organization (id)",
        "ALTER TABLE account ADD CONSTRAINT named CHECK (name IS NOT NULL) NOT VALID;"
            + " ALTER TABLE account VALIDATE CONSTRAINT named",
        "ALTER TABLE account ADD PRIMARY KEY (id)",
        "ALTER TABLE account ADD COLUMN a text; ALTER TABLE organization ADD COLUMN a text",
        "ALTER TABLE account DROP COLUMN company_name",
        "ALTER TABLE account RENAME COLUMN name TO title",
        "ALTER TABLE account RENAME TO accounts",
        "ALTER TABLE account SET TABLESPACE fast",
        "ALTER TABLE account SET UNLOGGED",
        "ALTER TABLE usage_record DETACH PARTITION usage_record_before_2020",
        "DROP TABLE account",
        "TRUNCATE daily_usage",
        "LOCK TABLE account",
        "VACUUM FULL monthly_usage",
        "CLUSTER monthly_usage",
        "UPDATE monthly_usage SET price = 0",
        "DELETE FROM daily_usage WHERE day < '2020-01-01'",
        "WITH gone AS (DELETE FROM daily_usage RETURNING 1) SELECT count(*) FROM gone",
        "INSERT INTO month_status SELECT organization_id, month, 'OPEN', now() FROM monthly_usage",
        "CREATE TABLE copy AS SELECT * FROM monthly_usage",
        "CREATE TABLE p PARTITION OF usage_record FOR VALUES FROM ('2036-01-01') TO ('2036-02-01')",
        "DO $$ BEGIN UPDATE monthly_usage SET price = 0; END $$",
        "SET lock_timeout = 0",
        "COMMIT",
        "/* ; */ alter table \"account\"\n  rename to \"accounts\" -- ;"
      })
  void what_is_in_somebodys_way_is_refused(String sql) {
    assertThat(MigrationRules.violations(sql)).isNotEmpty();
  }

  @Test
  void a_column_is_not_null_once_an_earlier_migration_validated_that() {
    String check = "ALTER TABLE account ADD CONSTRAINT c CHECK (name IS NOT NULL) NOT VALID;";
    String validate = "ALTER TABLE account VALIDATE CONSTRAINT c;";
    String notNull = "ALTER TABLE account ALTER COLUMN name SET NOT NULL;";

    assertThat(MigrationRules.violations(notNull, check, validate)).isEmpty();
    assertThat(MigrationRules.violations(notNull, check)).isNotEmpty();
    assertThat(MigrationRules.violations(notNull, validate)).isNotEmpty();
    assertThat(MigrationRules.violations(validate + notNull, check)).isNotEmpty();
    assertThat(
            MigrationRules.violations(
                "ALTER TABLE account ALTER COLUMN id SET NOT NULL", check, validate))
        .isNotEmpty();
  }
}
