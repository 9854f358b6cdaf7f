namespace Meshia;

/// <summary>An object of the service, as the readers of answers need it.</summary>
internal interface IServiceObject
{
    /// <summary>Its id.</summary>
    string Id { get; }

    /// <summary>What of it was not to be found or read; null if all is well.</summary>
    FieldDoubt? Doubt { get; }
}

/// <summary>Fields of an object that were not to be found or read.</summary>
/// <param name="Key">The kind of object, and the fields.</param>
/// <param name="Text">The same in a sentence.</param>
internal sealed record FieldDoubt(string Key, DisplayText Text)
{
    /// <summary>The doubt about an answer that has another id than was asked for; null if it has the same. A service may know a thing by two ids, and a cache may mix up its answers.</summary>
    public static FieldDoubt? OfOtherId(string asked, string answered) => string.Equals(asked, answered, StringComparison.OrdinalIgnoreCase)
        ? null
        : new($"id {asked} {answered}", $"The service was asked for {asked} and answered with {answered}. Check that it is the right one before you use it.");
}
