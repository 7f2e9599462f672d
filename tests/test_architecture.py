import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEVELS = (
    {"errors", "folders", "format", "limits", "owners", "units"},
    {"schema", "config", "kept_files", "memory"},
    {
        "predictor",
        "datasets",
        "encoders",
        "models",
        "batching",
        "devices",
        "losses",
        "calibration",
        "traits",
        "linear_solver",
    },
    {"progress", "novelty", "gradients", "optimizers", "perturbed_logits", "search_space", "suited"},
    {"jax_predictor", "recipes"},
    {"coach", "training", "evaluation", "explanation", "saved_models"},
    {"auto", "findings", "halving", "scoring"},
    {"baseline"},
    {"jobs", "sharing"},
    {"commands"},
    {"__main__"},
)
LEVEL = {f"core.{name}": level for level, names in enumerate(LEVELS) for name in names} | {"core.__init__": len(LEVELS)}
# An import stands inside a function only where it saves somebody's waiting. Of packages, these take long to load or are
# needed seldom; of our own modules, those that stand on JAX, in files that `--help` and a page's first second load.
SLOW_PACKAGES = {
    "cleanlab",
    "flax",
    "grain",
    "jax",
    "numpy",
    "orbax",
    "pandas",
    "pooch",
    "pyarrow",
    "re2",
    "scipy",
    "sklearn",
}
SLOW_PACKAGES |= {"tensorstore", "tokenizers", "tqdm"}
LOADED_FIRST = (
    "core/__main__.py",
    "core/commands/",
    "core/evaluation/scoring.py",
    "core/jobs/",
    "core/saved_models/",
)
LOADED_FIRST += ("pages/ui/evaluate/words.py", "pages/ui/models/", "pages/ui/shared/cache.py")
LOADED_FIRST += ("pages/ui/shared/explanations.py", "pages/ui/shared/start.py")
KEEPING = {"pages/ui/shared/explanations.py"}  # files whose functions are kept by the one cache, beside its own
UI_LEVEL = {"render": 0, "shared": 1}
FEATURES = len(UI_LEVEL)  # the level of every other folder of pages/ui: none of them may import another
FILES = {
    path.relative_to(ROOT).as_posix(): path for folder in ("core", "pages") for path in (ROOT / folder).rglob("*.py")
}
FILES["app.py"] = ROOT / "app.py"


def nodes(path):
    """The syntax tree, with what is there for type checkers only: a circle of types is a circle."""
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


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
    if name.startswith("pages/ui/") and module.startswith("pages.ui."):
        here, there = name.split("/")[2], module.split(".")[2]
        return here == there or UI_LEVEL.get(there, FEATURES) < UI_LEVEL.get(here, FEATURES)
    return not module.startswith(("app.", "pages.")) or module.startswith("pages.ui.")


def test_imports_are_absolute_and_run_one_way():
    pairs = [(name, module) for name, path in FILES.items() for module in imported(path)]
    assert [pair for pair in pairs if pair[1].startswith(".") or not allowed(*pair)] == []


def imported_late(path):
    functions = [node for node in nodes(path) if isinstance(node, ast.FunctionDef)]
    inside = [node for function in functions for node in ast.walk(function)]
    yield from (name.name for node in inside if isinstance(node, ast.Import) for name in node.names)
    yield from (node.module or "" for node in inside if isinstance(node, ast.ImportFrom))


def test_an_import_is_late_only_where_it_saves_waiting():
    late = [(name, module) for name, path in FILES.items() for module in imported_late(path)]
    ours = [pair for pair in late if pair[1].startswith(("core", "pages"))]
    assert {module.split(".")[0] for _, module in late} - {"core"} <= SLOW_PACKAGES
    assert [pair for pair in ours if not pair[0].startswith(LOADED_FIRST)] == []


def test_the_seam_needs_no_jax():
    code = "import sys, core.predictor; print('jax' in sys.modules, 'sklearn' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert answer.stdout.split() == ["False", "False"]


def test_every_part_of_core_has_a_level():
    assert {part(name.removesuffix(".py").replace("/", ".")) for name in FILES if name.startswith("core/")} == set(
        LEVEL
    )


def test_what_is_rendered_needs_no_streamlit():
    rendered = {name: path for name, path in FILES.items() if name.startswith("pages/ui/render/")}
    pairs = [(name, module) for name, path in rendered.items() for module in imported(path)]
    assert rendered and [pair for pair in pairs if pair[1].split(".")[0] == "streamlit"] == []


def test_core_prints_on_the_command_line_only():
    calls = [
        (name, ast.unparse(node.func)) for name in FILES for node in nodes(FILES[name]) if isinstance(node, ast.Call)
    ]
    assert {name for name, call in calls if call == "print"} <= {"core/__main__.py"}


def test_caching_lives_in_one_module():
    assert [name for name, path in FILES.items() if "st.cache_" in path.read_text(encoding="utf-8")] == [
        "pages/ui/shared/cache.py"
    ]


def test_what_is_kept_is_kept_by_the_cache_in_a_file_of_its_own():
    keeping = {name for name, path in FILES.items() if "pages.ui.shared.cache.kept" in imported(path)}
    assert keeping == KEEPING


def test_modules_stay_small():
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in FILES.items()}
    most = {name: 80 if Path(name).parent.as_posix() == "pages" else 300 for name in FILES}
    assert {name: count for name, count in lines.items() if count > most[name]} == {}
