package io.usageapi.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.http.Link;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LinksTest {
  private static final PageStart BEGINNING = new PageStart.First();
  private static final PageStart END = new PageStart.Last();
  private static final PageStart JUMP = new PageStart.Jump(3, 100);

  private static Links links(PageStart start, boolean more, String... rows) {
    return Links.of(new Page<>(start, List.of(rows), more), LinksTest::position, LinksTest::link);
  }

  private static Position position(String row) {
    return new Position(List.of(row));
  }

  private static Link link(PageStart start) {
    return new Link(start.toString());
  }

  private static PageStart after(String row) {
    return new PageStart.After(position(row));
  }

  private static PageStart before(String row) {
    return new PageStart.Before(position(row));
  }

  @Test
  void first_and_last_and_self_are_on_every_page() {
    for (PageStart start : List.of(BEGINNING, JUMP, after("a"), before("a"), END)) {
      for (Links links : List.of(links(start, true, "b", "c"), links(start, false))) {
        assertThat(links.first()).isEqualTo(link(BEGINNING));
        assertThat(links.last()).isEqualTo(link(END));
        assertThat(links.self()).isEqualTo(link(start));
      }
    }
  }

  @Test
  void the_first_page_has_next_when_there_is_more() {
    Links links = links(BEGINNING, true, "a", "b");
    assertThat(links.next()).isEqualTo(link(after("b")));
    assertThat(links.prev()).isNull();
  }

  @Test
  void a_page_that_is_all_there_is_leads_nowhere() {
    for (PageStart start : List.of(BEGINNING, END)) {
      Links links = links(start, false, "a", "b");
      assertThat(links.next()).isNull();
      assertThat(links.prev()).isNull();
    }
  }

  @Test
  void a_page_reached_by_next_has_prev() {
    Links between = links(after("a"), true, "b", "c");
    assertThat(between.next()).isEqualTo(link(after("c")));
    assertThat(between.prev()).isEqualTo(link(before("b")));
    Links final_ = links(after("a"), false, "b", "c");
    assertThat(final_.next()).isNull();
    assertThat(final_.prev()).isEqualTo(link(before("b")));
  }

  @Test
  void a_page_reached_by_prev_has_next() {
    Links between = links(before("d"), true, "b", "c");
    assertThat(between.next()).isEqualTo(link(after("c")));
    assertThat(between.prev()).isEqualTo(link(before("b")));
    Links initial = links(before("d"), false, "b", "c");
    assertThat(initial.next()).isEqualTo(link(after("c")));
    assertThat(initial.prev()).isNull();
  }

  @Test
  void the_last_page_has_prev_when_there_is_more() {
    Links links = links(END, true, "y", "z");
    assertThat(links.next()).isNull();
    assertThat(links.prev()).isEqualTo(link(before("y")));
  }

  @Test
  void a_page_by_number_has_prev() {
    Links links = links(JUMP, true, "a", "b");
    assertThat(links.next()).isEqualTo(link(after("b")));
    assertThat(links.prev()).isEqualTo(link(before("a")));
    assertThat(links(JUMP, false, "a").next()).isNull();
    assertThat(links(JUMP, false, "a").prev()).isEqualTo(link(before("a")));
  }

  @Test
  void past_the_end_there_is_no_next_and_prev_is_last() {
    for (PageStart start : List.of(JUMP, after("z"))) {
      Links links = links(start, false);
      assertThat(links.next()).isNull();
      assertThat(links.prev()).isEqualTo(links.last());
    }
  }

  @Test
  void before_the_start_there_is_no_prev_and_next_is_first() {
    Links links = links(before("a"), false);
    assertThat(links.next()).isEqualTo(links.first());
    assertThat(links.prev()).isNull();
  }

  @Test
  void an_empty_result_leads_nowhere() {
    for (PageStart start : List.of(BEGINNING, END)) {
      assertThat(links(start, false).next()).isNull();
      assertThat(links(start, false).prev()).isNull();
    }
  }

  @Property
  void walking_next_from_first_visits_every_row_once(
      @ForAll @IntRange(max = 40) int rows, @ForAll @IntRange(min = 1, max = 12) int size) {
    Walk walk = new Walk(rows, size);
    List<Integer> visited = new ArrayList<>();
    Page<Integer> page = walk.page(BEGINNING);
    for (boolean first = true; ; first = false) {
      visited.addAll(page.rows());
      Links links = walk.links(page);
      assertThat(links.prev() == null).isEqualTo(first);
      if (links.next() == null) {
        break;
      }
      page = walk.follow(links.next());
      assertThat(page.rows()).isNotEmpty();
    }
    assertThat(visited).isEqualTo(walk.all);
  }

  @Property
  void walking_prev_from_last_visits_every_row_once(
      @ForAll @IntRange(max = 40) int rows, @ForAll @IntRange(min = 1, max = 12) int size) {
    Walk walk = new Walk(rows, size);
    List<Integer> visited = new ArrayList<>();
    Page<Integer> page = walk.page(END);
    assertThat(page.rows()).hasSize(Math.min(rows, size));
    for (boolean last = true; ; last = false) {
      visited.addAll(0, page.rows());
      Links links = walk.links(page);
      assertThat(links.next() == null).isEqualTo(last);
      if (links.prev() == null) {
        break;
      }
      page = walk.follow(links.prev());
      assertThat(page.rows()).isNotEmpty();
    }
    assertThat(visited).isEqualTo(walk.all);
  }

  @Property
  void next_and_prev_lead_back_to_each_other(
      @ForAll @IntRange(max = 40) int rows,
      @ForAll @IntRange(min = 1, max = 12) int size,
      @ForAll @IntRange(min = 2, max = 8) int number) {
    Walk walk = new Walk(rows, size);
    Page<Integer> page = walk.page(new PageStart.Jump(number, (number - 1) * size));
    Links links = walk.links(page);
    if (links.next() != null) {
      Page<Integer> next = walk.follow(links.next());
      assertThat(walk.follow(walk.links(next).prev()).rows()).isEqualTo(page.rows());
    }
    if (!page.rows().isEmpty()) {
      Page<Integer> prev = walk.follow(links.prev());
      assertThat(walk.follow(walk.links(prev).next()).rows()).isEqualTo(page.rows());
    }
    assertThat(walk.follow(links.self()).rows()).isEqualTo(page.rows());
  }

  /** Pages over the numbers from 0, read as the database reads them. */
  private static final class Walk {
    private final List<Integer> all;
    private final int size;
    private final Map<Link, PageStart> followed = new HashMap<>();

    Walk(int rows, int size) {
      this.all = IntStream.range(0, rows).boxed().toList();
      this.size = size;
    }

    Page<Integer> follow(Link link) {
      return page(followed.get(link));
    }

    Page<Integer> page(PageStart start) {
      List<Integer> rows = new ArrayList<>(all);
      if (start instanceof PageStart.After after) {
        rows.removeIf(row -> row <= number(after.position()));
      } else if (start instanceof PageStart.Before before) {
        rows.removeIf(row -> row >= number(before.position()));
      } else if (start instanceof PageStart.Jump jump) {
        rows.subList(0, Math.min(jump.rows(), rows.size())).clear();
      }
      if (start.backward()) {
        Collections.reverse(rows);
      }
      return Page.of(start, rows.subList(0, Math.min(size + 1, rows.size())), size);
    }

    Links links(Page<Integer> page) {
      Function<PageStart, Link> link =
          start -> {
            Link made = LinksTest.link(start);
            followed.put(made, start);
            return made;
          };
      return Links.of(page, row -> new Position(List.of(row.toString())), link);
    }

    private static int number(Position position) {
      return Integer.parseInt(position.values().get(0));
    }
  }
}
