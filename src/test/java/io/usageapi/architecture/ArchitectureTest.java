package io.usageapi.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.groups.MultiCreateBy;
import io.usageapi.imports.ImportId;
import io.usageapi.security.Caller;
import io.usageapi.security.OrganizationId;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.inject.Inject;
import jakarta.persistence.Entity;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rules of the code that a reader may rely on. */
@AnalyzeClasses(packages = "io.usageapi", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final int MOST_CLASSES = 15;

  @ArchTest
  static final ArchRule packages_have_no_cycles =
      slices().matching("io.usageapi.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule what_is_below_knows_nothing_of_usage_accounts_and_intake =
      noClasses()
          .that()
          .resideInAnyPackage(
              "..page..",
              "..filter..",
              "..sql..",
              "..security..",
              "..limit..",
              "..workaround..",
              "..error..",
              "..text..",
              "..json..",
              "..http..",
              "..database..",
              "..config..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "..usage..",
              "..account..",
              "..record..",
              "..intake..",
              "..imports..",
              "..export..",
              "..months..",
              "..group..",
              "..totals..",
              "..changes..");

  /** They read what the other packages offer; nobody needs them. */
  @ArchTest
  static final ArchRule nothing_depends_on_totals_and_changes =
      slices().matching("io.usageapi.(totals|changes)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule nothing_else_depends_on_totals_and_changes =
      noClasses()
          .that()
          .resideOutsideOfPackages("..totals..", "..changes..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..totals..", "..changes..");

  @ArchTest
  static final ArchRule nothing_depends_on_the_demo =
      noClasses()
          .that()
          .resideOutsideOfPackage("..demo..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("..demo..");

  @ArchTest
  static final ArchRule only_repositories_and_the_database_package_reach_the_database =
      noClasses()
          .that()
          .haveNameNotMatching(".*Repository([$].*)?")
          .and()
          .resideOutsideOfPackages("..database..", "..demo..")
          .and()
          .areNotAnnotatedWith(Entity.class)
          .and()
          .doNotHaveSimpleName("EveryOrganization")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                  "io.vertx.mutiny.sqlclient..",
                  "io.vertx.sqlclient..",
                  "org.hibernate..",
                  "io.quarkus.hibernate..",
                  "jakarta.persistence.."));

  @ArchTest
  static final ArchRule jdbc_is_for_migrations_and_shared_limits_alone =
      noClasses()
          .that()
          .resideOutsideOfPackages("..demo..")
          .and()
          .haveSimpleNameNotStartingWith("Migration")
          .and()
          .doNotHaveSimpleName("BucketStore")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "javax.sql..");

  /** The tenant's door: what a repository offers cannot be asked without saying for whom. */
  @ArchTest
  static final ArchRule repository_methods_name_the_organization =
      methods()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat()
          .haveSimpleNameEndingWith("Repository")
          .and()
          .areNotStatic()
          .should(nameTheOrganization());

  /** The one list of all tenants. Who may read it works on them one by one. */
  @ArchTest
  static final ArchRule only_the_operator_and_what_cleans_up_go_through_every_organization =
      noClasses()
          .that()
          .resideOutsideOfPackage("..operator..")
          .and()
          .doNotHaveSimpleName("Retention")
          .and()
          .doNotHaveSimpleName("AbandonedUploads")
          .and()
          .doNotHaveSimpleName("StaleTotals")
          .and()
          .doNotHaveSimpleName("OldChanges")
          .and()
          .doNotHaveSimpleName("EveryOrganization")
          .should()
          .dependOnClassesThat()
          .haveSimpleName("EveryOrganization");

  /** No other class lists organizations in a statement of its own. */
  @ArchTest
  static void organizations_are_listed_in_one_place(JavaClasses unused) throws IOException {
    Pattern list = Pattern.compile("(FROM|JOIN)\\s+organization\\b(?!\\s+WHERE\\s+id = \\$1)");
    List<String> found = new ArrayList<>();
    try (Stream<java.nio.file.Path> files = Files.walk(java.nio.file.Path.of("src/main/java"))) {
      for (java.nio.file.Path file : files.filter(Files::isRegularFile).toList()) {
        if (list.matcher(Files.readString(file)).find()) {
          found.add(file.getFileName().toString());
        }
      }
    }
    assertThat(found).containsExactly("EveryOrganization.java");
  }

  @ArchTest
  static final ArchRule nothing_but_the_start_depends_on_the_operator =
      noClasses()
          .that()
          .resideOutsideOfPackage("..operator..")
          .and()
          .doNotHaveSimpleName("UsageApi")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("..operator..");

  /** The map from account to organization serves intake, which has none yet to name. */
  private static final Set<String> BEFORE_AN_ORGANIZATION_IS_KNOWN =
      Set.of("organizationsOf", "provision");

  /** Which months are kept, and are closed for whoever comes, says nothing of anyone. */
  private static final Set<String> OF_NO_ORGANIZATION = Set.of("keptFrom", "setDefault");

  /** What Panache offers knows no organization: only the repository itself may use it. */
  @ArchTest
  static final ArchRule inherited_methods_of_panache_are_called_by_repositories_alone =
      noClasses()
          .that()
          .haveSimpleNameNotEndingWith("Repository")
          .should()
          .callMethodWhere(
              DescribedPredicate.describe(
                  "declared by Panache",
                  call ->
                      call.getTarget().getOwner().isAssignableTo(PanacheRepositoryBase.class)
                          && call.getTarget()
                              .resolveMember()
                              .map(m -> m.getOwner().isEquivalentTo(PanacheRepositoryBase.class))
                              .orElse(true)));

  @ArchTest
  static final ArchRule only_resources_ask_who_is_calling =
      classes()
          .that(are(DescribedPredicate.describe("Caller", c -> c.isEquivalentTo(Caller.class))))
          .should()
          .onlyHaveDependentClassesThat(
              DescribedPredicate.describe(
                  "are resources or Caller itself",
                  c ->
                      c.getSimpleName().endsWith("Resource")
                          || c.getName().startsWith(Caller.class.getName())));

  /** The job that migrates is a process of its own, and serves nobody. */
  @ArchTest
  static final ArchRule nothing_waits_for_what_is_not_there_yet =
      noClasses()
          .that()
          .resideOutsideOfPackage("..demo..")
          .and()
          .doNotHaveSimpleName("MigrationJob")
          .should()
          .callMethod(Uni.class, "await")
          .orShould()
          .callMethod(Thread.class, "sleep", long.class)
          .orShould()
          .callMethod(Thread.class, "join")
          .orShould()
          .callMethod(CompletableFuture.class, "join")
          .orShould()
          .callMethod(CompletableFuture.class, "get");

  /** Mutiny's own now and then gives more than was asked for. */
  @ArchTest
  static final ArchRule what_is_repeated_is_repeated_by_steps =
      noClasses().should().callMethod(MultiCreateBy.class, "repeating");

  @ArchTest
  static final ArchRule operations_return_records_in_a_uni_or_multi =
      operations().should(returnRecordsReactively());

  @ArchTest
  static final ArchRule operations_say_who_may_call_them =
      operations()
          .should()
          .beAnnotatedWith(RolesAllowed.class)
          .orShould()
          .beAnnotatedWith(PermitAll.class);

  @ArchTest
  static final ArchRule nothing_is_injected_into_fields =
      fields().should().notBeAnnotatedWith(Inject.class);

  @ArchTest
  static final ArchRule the_clock_is_read_in_one_place =
      noClasses()
          .that()
          .doNotHaveSimpleName("Clocks")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(java.time.Instant.class, "now")
          .orShould()
          .callMethod(java.time.Clock.class, "systemUTC")
          .orShould()
          .callMethod(java.time.LocalDate.class, "now");

  @ArchTest
  static final ArchRule money_and_quantities_are_never_binary_fractions =
      fields()
          .should()
          .notHaveRawType(double.class)
          .andShould()
          .notHaveRawType(Double.class)
          .andShould()
          .notHaveRawType(float.class);

  @ArchTest
  static final ArchRule no_class_is_a_drawer_for_everything =
      noClasses().should().haveNameMatching(".*(Util|Utils|Helper|Impl|Common|Dto|DTO)$");

  @ArchTest
  static void no_package_has_more_than_15_classes(JavaClasses classes) {
    assertThat(
            classes.stream()
                .filter(JavaClass::isTopLevelClass)
                // Hibernate's, which are generated.
                .filter(each -> !each.getSimpleName().endsWith("_"))
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting())))
        .allSatisfy((name, count) -> assertThat(count).as(name).isLessThanOrEqualTo(MOST_CLASSES));
  }

  private static com.tngtech.archunit.lang.syntax.elements.GivenMethodsConjunction operations() {
    return methods()
        .that()
        .areDeclaredInClassesThat()
        .areAnnotatedWith(Path.class)
        .and()
        .areMetaAnnotatedWith(
            DescribedPredicate.describe(
                "GET, PUT or POST",
                a ->
                    Stream.of(GET.class, PUT.class, POST.class)
                        .anyMatch(method -> a.getRawType().isEquivalentTo(method))));
  }

  private static ArchCondition<JavaMethod> nameTheOrganization() {
    return new ArchCondition<>("name the organization") {
      @Override
      public void check(JavaMethod method, ConditionEvents events) {
        boolean generated =
            method.getModifiers().contains(JavaModifier.SYNTHETIC)
                || method.getModifiers().contains(JavaModifier.BRIDGE);
        boolean first =
            !method.getRawParameterTypes().isEmpty()
                && saysOrganization(method.getRawParameterTypes().get(0));
        if (!generated
            && !first
            && !BEFORE_AN_ORGANIZATION_IS_KNOWN.contains(method.getName())
            && !OF_NO_ORGANIZATION.contains(method.getName())) {
          events.add(SimpleConditionEvent.violated(method, method.getFullName()));
        }
      }
    };
  }

  /**
   * It is one, or it is a record that has one, or one that has such a record. An import has the
   * organization that owns it, if it is not an operator's.
   */
  private static boolean saysOrganization(JavaClass type) {
    return type.isEquivalentTo(ImportId.class)
        || hasOrganization(type)
        || type.getFields().stream().anyMatch(field -> hasOrganization(field.getRawType()));
  }

  private static boolean hasOrganization(JavaClass type) {
    return isOrganization(type)
        || type.getFields().stream().anyMatch(field -> isOrganization(field.getRawType()));
  }

  private static boolean isOrganization(JavaClass type) {
    return type.isEquivalentTo(OrganizationId.class);
  }

  private static ArchCondition<JavaMethod> returnRecordsReactively() {
    return new ArchCondition<>("return records in a Uni or Multi") {
      @Override
      public void check(JavaMethod method, ConditionEvents events) {
        boolean reactive =
            method.getRawReturnType().isEquivalentTo(Uni.class)
                || method.getRawReturnType().isEquivalentTo(Multi.class);
        boolean entity =
            method.getReturnType().getAllInvolvedRawTypes().stream()
                .anyMatch(type -> type.isAnnotatedWith(Entity.class));
        if (!reactive || entity) {
          JavaType type = method.getReturnType();
          events.add(
              SimpleConditionEvent.violated(method, method.getFullName() + " returns " + type));
        }
      }
    };
  }
}
