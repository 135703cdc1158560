"""A table's module brings along what its keys point to: a process may import only that one."""

import grimp
from sqlmodel import SQLModel

from migrations.draft import import_all_tables


def test_a_module_of_tables_imports_what_it_points_to() -> None:
    import_all_tables()
    graph = grimp.build_graph("hotline", "ivr", "workorders", cache_dir=None)
    homes = {
        mapper.local_table.name: mapper.class_.__module__
        for mapper in SQLModel._sa_registry.mappers
    }
    missing = {
        f"{home} -> {homes[target]}"
        for table, home in homes.items()
        for target in _targets(table)
        if homes[target] not in {home, *graph.find_upstream_modules(home)}
    }
    assert sorted(missing) == []


def _targets(table: str) -> set[str]:
    return {key.column.table.name for key in SQLModel.metadata.tables[table].foreign_keys}
