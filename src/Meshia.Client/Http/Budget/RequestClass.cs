namespace Meshia;

/// <summary>How urgent a request is. Of 60 requests in a minute, each class may use the first so many, so that the next one never waits for it.</summary>
internal enum RequestClass
{
    /// <summary>A look of a wait: the first 30.</summary>
    Poll,

    /// <summary>Any other read: the first 51.</summary>
    Read,

    /// <summary>Something that creates or changes: the first 54.</summary>
    Create,

    /// <summary>A stop or a delete, which ends what costs money: all 60.</summary>
    Stop,
}
