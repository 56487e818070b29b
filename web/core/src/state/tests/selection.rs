//! Selection of rows, and the filters that hide some.

use super::*;

#[test]
fn selection_moves_through_the_log() {
    let check = |selected: Option<RowId>, step: Step, expected: Option<RowId>| {
        let select = Action::SelectRow(selected);
        let state = open_then([
            sent(),
            received(),
            sent(),
            select,
            Action::MoveSelection(step),
        ]);
        assert_eq!(
            state.console.selected, expected,
            "{step:?} from {selected:?}"
        );
    };
    check(None, Step::Previous, Some(2));
    check(None, Step::Next, Some(2));
    check(None, Step::First, Some(0));
    check(Some(2), Step::Previous, Some(1));
    check(Some(2), Step::Next, Some(2));
    check(Some(0), Step::Previous, Some(0));
    check(Some(0), Step::Next, Some(1));
    check(Some(0), Step::Last, Some(2));
    assert_eq!(
        after([Action::MoveSelection(Step::Last)]).console.selected,
        None
    );
}

#[test]
fn selection_skips_filtered_rows() {
    let filter = Action::SetFilter(Filter {
        direction: Some(Direction::Sent),
        ..Filter::default()
    });
    let step = || Action::MoveSelection(Step::Previous);
    let state = open_then([sent(), received(), sent(), filter, step(), step()]);
    assert_eq!(state.console.selected, Some(0));
    assert!(!state.console.view.follows_end());
}

#[test]
fn search_and_direction_filter_are_independent() {
    let search = Action::SetSearch {
        text: "hel".into(),
        matcher: Some(Ok(Matcher::new(|it| {
            String::from_utf8_lossy(it).contains("hel")
        }))),
    };
    let direction = Action::SetDirectionFilter(Some(Direction::Sent));
    let check = |actions: &[&Action], text: &str| {
        let state = open_then(actions.iter().map(|it| (*it).clone()).collect::<Vec<_>>());
        let filter = state.console.view.filter();
        assert_eq!(
            (&*filter.text, filter.direction),
            (text, Some(Direction::Sent))
        );
    };
    check(&[&search, &direction], "hel");
    check(&[&direction, &search], "hel");
    // A filter that was cleared, but is still on the screen, does not come back.
    check(
        &[&search, &Action::SetFilter(Filter::default()), &direction],
        "",
    );
}

#[test]
fn the_latest_row_is_shown_until_one_is_selected() {
    let shown = |actions: &[Action]| {
        open_then(actions.to_vec())
            .console
            .shown()
            .map(|row| row.id)
    };
    assert_eq!(shown(&[]), None);
    assert_eq!(shown(&[sent(), received()]), Some(1));
    let select = Action::SelectRow(Some(0));
    assert_eq!(shown(&[sent(), select.clone(), received()]), Some(0));
    let unselect = Action::SelectRow(None);
    assert_eq!(shown(&[sent(), select, received(), unselect]), Some(1));
}

#[test]
fn an_evicted_row_is_deselected() {
    let select = Action::SelectRow(Some(0));
    let state = open_then([sent(), select.clone(), Action::ClearLog]);
    assert_eq!(
        (state.console.selected, state.console.shown()),
        (None, None)
    );
    let many = std::iter::repeat_n(sent(), 1000);
    let state = open_then(
        [Action::SetMaxRows(1000), sent(), select]
            .into_iter()
            .chain(many),
    );
    assert_eq!(state.console.selected, None);
    assert_eq!(
        open_then([Action::SelectRow(Some(7))]).console.selected,
        None
    );
}
