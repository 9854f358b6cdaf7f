namespace Meshia.Client.Tests;

public class BuildTests
{
}
