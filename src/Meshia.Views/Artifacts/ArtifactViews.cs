using static Meshia.Views.Column;

namespace Meshia.Views;

internal static class ArtifactViews
{
    public static TypeView Artifact { get; } = new("Meshia.Artifact", "Id, ExperimentId, Name, SizeBytes, ContentType, Sha256, CreatedAt, AdditionalProperties")
    {
        IdAlias = "ArtifactId",
        Key = "Id",
        Default = "Id, Name, SizeBytes, CreatedAt",
        Table = [Shown("Id", 20), Shown("Size", 9).Right(), Shown("Created", "CreatedAge", 8), Shown("Name")],
        List =
        [
            Shown("Id"), Shown("ExperimentId"), Shown("Name"), Shown("Size"), Plain("SizeBytes"), Shown("ContentType"), Shown("Sha256"), Shown("CreatedAt"),
            Shown("AdditionalProperties").Optional(),
        ],
        Wide = Shown("Name"),
    };

    /// <summary>File names, paths and hashes are the module's own.</summary>
    public static TypeView Saved { get; } = new("Meshia.SavedArtifact", "ArtifactId, ExperimentId, Name, FileName, Path, Length, Sha256, Verified, Downloaded, Resumed, BytesFetched, Tries, Elapsed")
    {
        Key = "Path",
        Default = "Name, Length, Verified, Path",
        Table = [Shown("Size", "Length", 9).Right(), Plain("Verified", 11), Plain("Path")],
        Wraps = true,
        List =
        [
            Shown("ArtifactId"), Shown("ExperimentId"), Shown("Name"), Plain("FileName"), Plain("Path"), Shown("Size", "Length"), Plain("Length"), Plain("Sha256"),
            Plain("Verified"), Plain("Downloaded"), Plain("Resumed"), Plain("BytesFetched"), Plain("Tries"), Shown("Elapsed"),
        ],
        Wide = Plain("FileName"),
    };
}
