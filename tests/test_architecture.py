import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEVELS = (
    {"errors", "folders"},
    {"schema", "config"},
    {"predictor", "datasets", "encoders", "models", "batching", "devices", "losses", "calibration"},
    {"novelty", "gradients", "optimizers", "perturbed_logits"},
    {"jax_predictor"},
    {"training", "evaluation", "explanation", "saved_models"},
    {"recipes", "jobs", "findings"},
    {"commands"},
    {"__main__"},
)
LEVEL = {f"core.{name}": level for level, names in enumerate(LEVELS) for name in names} | {"core.__init__": len(LEVELS)}
FILES = {
    path.relative_to(ROOT).as_posix(): path for folder in ("core", "pages") for path in (ROOT / folder).rglob("*.py")
}
FILES["app.py"] = ROOT / "app.py"


def nodes(path):
    """The syntax tree, without what is there for type checkers only."""
    todo = [ast.parse(path.read_text(encoding="utf-8"))]
    while todo:
        node = todo.pop()
        yield node
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            todo += ast.iter_child_nodes(node)


def imported(path):
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{name.name}" for name in node.names)


def part(dotted):
    return ".".join(dotted.split(".")[:2])


def allowed(name, module):
    """Whether the file may import the module."""
    importer = part(name.removesuffix(".py").replace("/", "."))
    if name.startswith("core/"):
        outside = module.split(".")[0] not in ("core", "pages", "app", "streamlit", "plotly")
        return outside or part(module) == importer or LEVEL.get(part(module), 99) < LEVEL[importer]
    return not module.startswith(("app.", "pages.")) or module.startswith("pages.ui.")


def test_imports_are_absolute_and_run_one_way():
    pairs = [(name, module) for name, path in FILES.items() for module in imported(path)]
    assert [pair for pair in pairs if pair[1].startswith(".") or not allowed(*pair)] == []


def test_every_part_of_core_has_a_level():
    assert {part(name.removesuffix(".py").replace("/", ".")) for name in FILES if name.startswith("core/")} == set(
        LEVEL
    )


def test_core_prints_on_the_command_line_only():
    calls = [
        (name, ast.unparse(node.func)) for name in FILES for node in nodes(FILES[name]) if isinstance(node, ast.Call)
    ]
    assert {name for name, call in calls if call == "print"} <= {"core/__main__.py"}


def test_caching_lives_in_one_module():
    assert [name for name, path in FILES.items() if "st.cache_" in path.read_text(encoding="utf-8")] == [
        "pages/ui/shared/cache.py"
    ]


def test_modules_stay_small():
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in FILES.items()}
    most = {name: 80 if Path(name).parent.as_posix() == "pages" else 300 for name in FILES}
    assert {name: count for name, count in lines.items() if count > most[name]} == {}
