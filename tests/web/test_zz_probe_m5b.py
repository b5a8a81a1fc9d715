"""probe"""
from tests.web.visits import Visit
LIST = "/reporting/token-usage?tab=user"
def test_probe(visits) -> None:
    visit = visits()
    page = visit.open(LIST)
    page.evaluate("""() => addEventListener('securitypolicyviolation', e => console.log('CSPV', e.violatedDirective, e.sourceFile, e.lineNumber, e.columnNumber, e.sample, e.target && e.target.outerHTML && e.target.outerHTML.slice(0,200)))""")
    page.on("console", lambda m: print(m.type, m.text))
    def step(n, f):
        f(); page.wait_for_timeout(900); print("STEP", n, len(visit.complaints))
    page.locator("[data-search]").evaluate("e => e.style.setProperty('caret-color','transparent','important')")
    step("/", lambda: page.keyboard.press("/"))
    step("type", lambda: page.keyboard.type("cy@", delay=120))
    visit.complaints.clear()
