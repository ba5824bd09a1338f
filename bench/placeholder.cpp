namespace vkmembench {}
