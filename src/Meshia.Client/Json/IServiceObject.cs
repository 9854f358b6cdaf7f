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
internal sealed record FieldDoubt(string Key, DisplayText Text);
