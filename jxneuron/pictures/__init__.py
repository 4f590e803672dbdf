"""Pictures of modules: in the plane and in space, coloured by what compartments hold, as graphs, and as films."""
