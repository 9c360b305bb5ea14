"""What a visitor does on the page. On a narrow screen, the tabs that do not fit are in a menu."""


def open_tab(page, name):
    tab = page.get_by_role("tab", name=name, exact=True)
    page.wait_for_timeout(300)  # Gradio measures first, then moves what does not fit
    if not tab.is_visible():
        page.locator(".overflow-menu > button").click()
        tab = page.locator(".overflow-dropdown button", has_text=name)
    tab.click()


def upload(page, path):
    page.set_input_files("#picture input[type=file]", str(path))


def choose_class(page, name):
    box = page.locator("#any-class input")
    box.click()
    box.press("Control+a")
    box.press_sequentially(name)
    page.get_by_role("option", name=name, exact=True).click()
    wait_for_class(page, name)


def wait_for_class(page, name):
    page.wait_for_function("name => document.querySelector('#map figcaption b')?.innerText === name", arg=name)
