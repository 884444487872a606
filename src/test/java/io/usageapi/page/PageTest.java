package io.usageapi.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PageTest {
  private static final PageStart BEGINNING = new PageStart.First();
  private static final PageStart BEFORE = new PageStart.Before(new Position(List.of("d")));

  @Test
  void the_row_read_ahead_is_not_on_the_page_but_tells_that_there_is_more() {
    Page<String> page = Page.of(BEGINNING, List.of("a", "b", "c"), 2);
    assertThat(page.rows()).containsExactly("a", "b");
    assertThat(page.more()).isTrue();
    assertThat(page.start()).isEqualTo(BEGINNING);
  }

  @Test
  void a_page_that_is_just_full_has_no_more() {
    Page<String> page = Page.of(BEGINNING, List.of("a", "b"), 2);
    assertThat(page.rows()).containsExactly("a", "b");
    assertThat(page.more()).isFalse();
  }

  @Test
  void what_is_read_backward_is_on_the_page_in_the_asked_order() {
    Page<String> page = Page.of(BEFORE, List.of("c", "b", "a"), 2);
    assertThat(page.rows()).containsExactly("b", "c");
    assertThat(page.more()).isTrue();
  }

  @Test
  void the_final_rows_are_on_the_page_in_the_asked_order() {
    Page<String> page = Page.of(new PageStart.Last(), List.of("c", "b"), 2);
    assertThat(page.rows()).containsExactly("b", "c");
    assertThat(page.more()).isFalse();
  }

  @Test
  void a_page_can_be_empty() {
    assertThat(Page.of(BEGINNING, List.of(), 2).rows()).isEmpty();
    assertThat(Page.of(BEFORE, List.of(), 2).more()).isFalse();
  }
}
