"""A table in LaTeX, for papers that load booktabs, and longtable for the long ones.

Every letter is written so that pdfLaTeX knows it.
"""

from harness.base.printable import printable
from harness.report.document import Table
from harness.report.writers.markdown import numeric

PAGE = 45
"""Lines that fit on a page."""
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta",
    "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
_MATHS = {
    "±": "pm", "×": "times", "·": "cdot", "≤": "leq", "≥": "geq", "≠": "neq", "≈": "approx", "∞": "infty",
    "∈": "in", "∇": "nabla", "→": "rightarrow", "↑": "uparrow", "↓": "downarrow", "‖": "Vert", "′": "prime",
}  # fmt: skip
_TEXT = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "[": "{[}", "]": "{]}", "*": "{*}",
    "−": "$-$", "–": "--", "—": "---", "…": r"\dots{}", "“": "``", "”": "''", "‘": "`", "’": "'",
}  # fmt: skip
_WRITTEN = str.maketrans(
    _TEXT
    | {sign: rf"$\{name}$" for sign, name in (_MATHS | _GREEK).items()}
    | {sign: f"$_{number}$" for number, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")}
    | {sign: f"$^{number}$" for number, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
)
# In brackets, as \\[2pt] is a distance between lines and \\* forbids a page break, and a cell may begin a line.


def escaped(text: str) -> str:
    """``text`` on one line as LaTeX sets it: ``η ± 5 %`` is ``$\\eta$ $\\pm$ 5 \\%``."""
    return " ".join(printable(text).split()).translate(_WRITTEN)


def latex(table: Table) -> str:
    """A table with caption and label, numbers flush right; one longer than a page is a ``longtable``."""
    rows = [[escaped(text) for text in line] for line in table.lines]
    for line, column in table.strong:
        rows[line][column] = rf"\textbf{{{rows[line][column]}}}"
    align = "l" + "".join("r" if numeric(table, column) else "l" for column in range(1, len(table.headings)))
    title = rf"\caption{{{escaped(table.caption)}}}\label{{tab:{table.name}}}"
    head = [r"\toprule", " & ".join(escaped(heading) for heading in table.headings) + r" \\", r"\midrule"]
    body = [" & ".join(row) + r" \\" for row in rows]
    note = [rf"\par\smallskip{{\footnotesize {escaped(table.note)}\par}}"] if table.note else []
    if len(rows) > PAGE:
        start, end = rf"\begin{{longtable}}{{{align}}}", r"\end{longtable}"
        lines = [start, title + r" \\", *head, r"\endhead", *body, r"\bottomrule", end, *note]
    else:
        inner = [rf"\begin{{tabular}}{{{align}}}", *head, *body, r"\bottomrule", r"\end{tabular}"]
        lines = [r"\begin{table}", r"\centering", title, *inner, *note, r"\end{table}"]
    return "\n".join(lines) + "\n"
