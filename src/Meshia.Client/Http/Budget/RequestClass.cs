namespace Meshia;

/// <summary>How urgent a request is. Of 60 requests in a minute, so many may be of a class and those below it, so that the next class has room.</summary>
internal enum RequestClass
{
    /// <summary>A look of a wait: 30. For some seconds it lets all others go first.</summary>
    Poll,

    /// <summary>Any other read: 51.</summary>
    Read,

    /// <summary>Something that creates or changes: 54.</summary>
    Create,

    /// <summary>A stop or a delete, which ends what costs money: all 60.</summary>
    Stop,
}
