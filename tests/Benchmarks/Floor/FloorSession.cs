namespace Meshia.Floor;

public sealed class FloorSession
{
    public string? Id { get; init; }

    public string? Name { get; init; }

    public string? Gpu { get; init; }

    public string? Status { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}
