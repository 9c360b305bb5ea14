"""Opening a tab as a visitor does: on a narrow screen, those that do not fit are in a menu."""


def open_tab(page, name):
    tab = page.get_by_role("tab", name=name, exact=True)
    page.wait_for_timeout(300)  # Gradio measures first, then moves what does not fit
    if not tab.is_visible():
        page.locator(".overflow-menu > button").click()
        tab = page.locator(".overflow-dropdown button", has_text=name)
    tab.click()
